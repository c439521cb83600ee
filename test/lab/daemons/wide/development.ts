import type { Daemon } from "../../daemon.ts";
import { python3, ruby } from "../servers/languages.ts";
import { daemon, HOME, hidden, OWN, shell, tcp } from "./entry.ts";
import { SILENT, WEB } from "./products.ts";

/** What programmers start: debuggers, language servers, calls between programs. */
export const development: Daemon[] = [
  daemon(
    "rpyc at its port",
    "python3-rpyc",
    [18812],
    [hidden(tcp(["rpyc", ...SILENT], null), ["RPyC"])],
    ({ ports }) => shell(`exec rpyc_classic --host 127.0.0.1 -p ${ports[0]}`, HOME),
  ),
  daemon("rpyc", "python3-rpyc", [null], [tcp("rpyc", ["RPyC"], "package")], ({ ports: [p] }) =>
    python3(
      `import rpyc\nfrom rpyc.utils.server import ThreadedServer\nThreadedServer(rpyc.Service, hostname="127.0.0.1", port=${p}).start()`,
    ),
  ),
  daemon(
    "omniNames",
    "omniorb-nameserver",
    [2809],
    [hidden(tcp(["giop", "corba", "iiop", "corbaloc"], null), ["omniORB", "omniNames"])],
    ({ ports: [p] }) =>
      shell(`exec omniNames -start ${p} -datadir $PWD -ORBendPoint giop:tcp:127.0.0.1:${p}`),
  ),
  daemon(
    "icecc",
    "icecc",
    // It serves one client at a time, so that its own port, asked beside this one, would keep it busy.
    [8768, 8769],
    [tcp(["icecc", "icecream", "telnet"], ["Icecream", "icecc", "ICECC"], "1.4.0", { at: 1 })],
    ({ ports: [port] }) => shell(`exec /usr/sbin/icecc-scheduler -p ${port} -n lab -l $PWD/l -u icecc`),
  ),
  daemon(
    "guile repl",
    "guile-3.0",
    [37146],
    [tcp(["guile-repl", "guile", "repl"], ["GNU Guile", "Guile"], "package")],
    ({ ports: [port] }) =>
      shell(
        `exec /usr/bin/guile --no-auto-compile -c '(use-modules (system repl server)) (run-server (make-tcp-server-socket #:host "127.0.0.1" #:port ${port}))'`,
        HOME,
      ),
  ),
  daemon("distccd", "distcc", [3632], [hidden(tcp(["distccd"], null), ["distccd"])], ({ ports: [port] }) =>
    shell(
      `exec /usr/bin/distccd --no-detach --daemon --allow 127.0.0.1 --listen 127.0.0.1 -p ${port} --log-stderr --user nobody`,
    ),
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
    OWN,
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
    "drb",
    "ruby",
    [null],
    [hidden(tcp(["drb", "druby"], null), ["Ruby DRb", "DRb"])],
    ({ ports: [p] }) => ruby(`require 'drb'\nDRb.start_service("druby://127.0.0.1:${p}", "x")\nsleep`),
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
  daemon("Rserve", "r-cran-rserve", [6311], [tcp("rserve", ["Rserve"])], ({ ports: [p] }) =>
    shell(`exec Rscript -e 'Rserve::run.Rserve(port=${p}L)'`),
  ),
];
