import type { Daemon } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, tcp } from "./entry.ts";
import { WEB } from "./servers.ts";

const erlang = (more: string) => shell(`exec /usr/bin/erl -noshell -noinput -eval '${more}'`, HOME);

/** What programmers start: debuggers, language servers, the servers inside of rarer languages, version control. */
export const toolDaemons: Daemon[] = [
  daemon("bzr serve", "brz", [4155], [tcp(["bzr", "bazaar"], ["Bazaar", "Breezy"])], ({ ports: [p] }) =>
    shell(`exec /usr/bin/brz serve --bzr --listen=127.0.0.1 --port=${p} --directory=$PWD`, HOME),
  ),
  daemon(
    "cvs pserver",
    "cvs",
    [null],
    [tcp(["cvspserver", "cvs"], ["CVS pserver", "CVS", "Concurrent Versions System"])],
    ({ ports: [p] }) =>
      shell(
        `mkdir repo; cvs -d $PWD/repo init
exec socat TCP-LISTEN:${p},bind=127.0.0.1,reuseaddr,fork EXEC:"/usr/bin/cvs --allow-root=$PWD/repo pserver",stderr`,
      ),
  ),
  daemon("unison", "unison", [null], [tcp("unison", ["Unison"])], ({ ports: [p] }) =>
    shell(`exec /usr/bin/unison -socket ${p} -listen 127.0.0.1`, HOME),
  ),
  daemon(
    "lldb-server",
    "lldb",
    [null],
    [hidden(tcp(["gdb", "gdbremote", "gdb-remote", "gdbserver"], null), ["LLDB", "lldb-server"])],
    ({ ports: [p] }) => shell(`exec lldb-server-14 platform --listen 127.0.0.1:${p} --server`),
  ),
  daemon(
    "debugpy",
    "python3-debugpy",
    [5678],
    [tcp(["dap", "debugpy", "debug-adapter"], ["debugpy", "ptvsd"], "1.6.3+git20221103.a2a3328")],
    ({ ports: [p] }) =>
      shell(
        `exec /usr/bin/python3 -m debugpy --listen 127.0.0.1:${p} -c 'import time; time.sleep(100000)'`,
        HOME,
      ),
  ),
  daemon(
    "pylsp",
    "python3-pylsp",
    [null],
    [tcp(["lsp", "language-server", "jsonrpc"], ["Python LSP Server", "pylsp"], "package")],
    ({ ports: [p] }) => shell(`exec /usr/bin/pylsp --tcp --host 127.0.0.1 --port ${p}`, HOME),
  ),
  daemon(
    "gopls",
    "gopls",
    [null],
    [tcp(["lsp", "language-server", "jsonrpc"], ["gopls"])],
    ({ ports: [p] }) => shell(`exec /usr/bin/gopls serve -listen=127.0.0.1:${p}`, HOME),
  ),
  daemon(
    "node inspector",
    "nodejs",
    [9229],
    [tcp([...WEB, "node-inspector"], ["Node.js", "Node.js Inspector"])],
    ({ ports: [p] }) => shell(`exec /usr/bin/node --inspect=127.0.0.1:${p} -e 'setInterval(() => {}, 1e6)'`),
  ),
  daemon(
    "jdwp",
    "openjdk-17-jre-headless",
    [null],
    [tcp("jdwp", ["Java Debug Wire Protocol", "OpenJDK"])],
    ({ ports: [p] }) =>
      shell(
        `exec java -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:${p} -cp /usr/share/java/bsh.jar bsh.Interpreter /dev/zero`,
      ),
  ),
  daemon(
    "rmiregistry",
    "openjdk-17-jre-headless",
    [null],
    [hidden(tcp("java-rmi", null), ["Java RMI"])],
    ({ ports: [p] }) => shell(`exec rmiregistry ${p}`),
    { needsOwnNetwork: true },
  ),
  daemon("nailgun", "nailgun", [2113], [hidden(tcp("nailgun", null), ["Nailgun"])], ({ ports: [p] }) =>
    shell(
      `exec java -cp $(dpkg -L nailgun libnailgun-java 2>/dev/null | grep 'jar$' | head -1) com.martiansoftware.nailgun.NGServer 127.0.0.1:${p}`,
    ),
  ),
  daemon(
    "pyro4 name server",
    "python3-pyro4",
    [9090],
    [hidden(tcp(["pyro", "pyro4"], null), ["Pyro4", "Pyro"])],
    ({ ports: [p] }) => shell(`exec /usr/bin/python3 -m Pyro4.naming -n 127.0.0.1 -p ${p} -x`, HOME),
  ),
  daemon(
    "dask-scheduler",
    "python3-distributed",
    [8786],
    [tcp("dask", ["Dask", "Dask distributed"])],
    ({ ports: [p] }) =>
      shell(`exec dask-scheduler --host 127.0.0.1 --port ${p} --no-dashboard --no-show`, HOME),
  ),
  daemon(
    "drb",
    "ruby",
    [null],
    [hidden(tcp(["drb", "druby"], null), ["Ruby DRb", "DRb"])],
    ({ ports: [p] }) => shell(`exec ruby -rdrb -e 'DRb.start_service("druby://127.0.0.1:${p}", "x"); sleep'`),
  ),
  daemon(
    "swank",
    "cl-swank",
    [4005],
    [hidden(tcp(["swank", "slime"], null), ["SWANK", "SLIME"])],
    ({ ports: [p] }) =>
      shell(
        `exec sbcl --non-interactive --eval '(require :asdf)' --eval '(push #p"/usr/share/common-lisp/source/slime/" asdf:*central-registry*)' --eval '(asdf:load-system :swank)' --eval '(swank:create-server :port ${p} :dont-close t :style :spawn)' --eval '(loop (sleep 100))'`,
        HOME,
      ),
  ),
  daemon("rpyc", "python3-rpyc", [null], [tcp("rpyc", ["RPyC"], "package")], ({ ports: [p] }) => ({
    argv: [
      "/usr/bin/python3",
      "-c",
      `import rpyc\nfrom rpyc.utils.server import ThreadedServer\nThreadedServer(rpyc.Service, hostname="127.0.0.1", port=${p}).start()`,
    ],
  })),
  daemon("iperf3", "iperf3", [5201], [tcp("iperf3", ["iperf3"])], ({ ports: [p] }) =>
    shell(`exec iperf3 -s -B 127.0.0.1 -p ${p}`, HOME),
  ),
  daemon("iperf3 on another port", "iperf3", [null], [tcp("iperf3", ["iperf3"])], ({ ports: [p] }) =>
    shell(`exec iperf3 -s -B 127.0.0.1 -p ${p}`, HOME),
  ),
  daemon("Rserve", "r-cran-rserve", [6311], [tcp("rserve", ["Rserve"])], ({ ports: [p] }) =>
    shell(`exec Rscript -e 'Rserve::run.Rserve(port=${p}L)'`),
  ),
  daemon("httpuv", "r-cran-httpuv", [null], [hidden(tcp(WEB, null), ["httpuv"])], ({ ports: [p] }) =>
    shell(
      `exec Rscript -e 'httpuv::runServer("127.0.0.1",${p}L,list(call=function(q) list(status=200L,headers=list("Content-Type"="text/plain"),body="hello")))'`,
    ),
  ),
  daemon(
    "SOAP::Lite",
    "libsoap-lite-perl",
    [null],
    [tcp(WEB, ["SOAP::Lite", "Perl HTTP::Daemon", "HTTP::Daemon"])],
    ({ ports: [p] }) =>
      shell(
        `exec perl -MSOAP::Transport::HTTP -e 'SOAP::Transport::HTTP::Daemon->new(LocalAddr=>"127.0.0.1",LocalPort=>${p},ReuseAddr=>1)->dispatch_to("X")->handle'`,
      ),
  ),
  daemon(
    "Dancer2",
    "libdancer2-perl",
    [3000],
    [tcp(WEB, ["Dancer2", "Perl Dancer2", "Dancer"], "package")],
    ({ ports: [p] }) =>
      shell(
        `printf 'use Dancer2; set port => ${p}; set host => "127.0.0.1"; get "/" => sub { "hello" }; dance;' > a.pl\nexec perl a.pl`,
      ),
  ),
  daemon("twiggy", "twiggy", [null], [hidden(tcp(WEB, null), ["Twiggy"])], ({ ports: [p] }) =>
    shell(
      `echo 'sub { [200, ["Content-Type" => "text/plain"], ["hello"]] }' > a.psgi\nexec twiggy --listen 127.0.0.1:${p} a.psgi`,
    ),
  ),
  daemon(
    "Net::Server",
    "libnet-server-perl",
    [null],
    [tcp(WEB, ["Net::Server::HTTP", "Net::Server"], "package")],
    ({ ports: [p] }) =>
      shell(
        `exec perl -MNet::Server::HTTP -e 'Net::Server::HTTP->run(host=>"127.0.0.1",port=>${p},ipv=>4,user=>"nobody",group=>"nogroup",app=>[])'`,
      ),
  ),
  daemon(
    "esbuild serve",
    "esbuild",
    [null],
    [hidden(tcp(WEB, null), ["esbuild", "Golang net/http server"])],
    ({ ports: [p] }) =>
      shell(`exec sh -c 'sleep 10000 | /usr/bin/esbuild --serve=127.0.0.1:${p} --servedir=.'`),
  ),
  daemon(
    "inets httpd",
    "erlang-inets",
    [null],
    [tcp(WEB, ["Erlang inets httpd", "inets"])],
    ({ ports: [p] }) =>
      erlang(
        `inets:start(), {ok,_}=inets:start(httpd,[{port,${p}},{bind_address,{127,0,0,1}},{server_name,"lab"},{server_root,"."},{document_root,"."}]).`,
      ),
  ),
  daemon(
    "erlang ssh",
    "erlang-ssh",
    [null],
    [tcp("ssh", ["Erlang sshd", "Erlang ssh", "Erlang SSH", "Erlang/OTP SSH"])],
    ({ ports: [p] }) =>
      shell(
        `ssh-keygen -q -t rsa -m PEM -N "" -f ssh_host_rsa_key
exec /usr/bin/erl -noshell -noinput -eval 'ssh:start(), {ok,_}=ssh:daemon({127,0,0,1},${p},[{system_dir,"."}]).'`,
        HOME,
      ),
  ),
];
