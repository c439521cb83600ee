import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import { erlang } from "../servers/languages.ts";
import { xinetd, xinetdService } from "../servers/network.ts";
import { asyncssh, paramiko } from "../servers/shells.ts";
import { daemon, hidden, shell, tcp } from "./entry.ts";

/** Shells and commands of others. */
export const shells: Daemon[] = [
  daemon(
    "rexecd",
    "rsh-server",
    [512],
    [hidden(tcp("exec", null), ["netkit-rsh rexecd", "netkit rexecd"])],
    (place) =>
      xinetd(place, [
        xinetdService(place.ports[0], "tcp", { server: `${EXTRACTED}/rsh-server/usr/sbin/in.rexecd` }),
      ]),
  ),
  daemon(
    "paramiko",
    "python3-paramiko",
    [null],
    [tcp("ssh", ["Paramiko", "Paramiko sshd"], "package")],
    (place) => paramiko(place),
  ),
  daemon(
    "asyncssh",
    "python3-asyncssh",
    [2222],
    [tcp("ssh", ["AsyncSSH", "AsyncSSH sshd"], "package")],
    (place) => asyncssh(place),
  ),
  daemon("sshesame", "sshesame", [null], [tcp("ssh", ["sshesame"])], ({ ports: [port] }) =>
    shell(`printf 'server:\\n  listen_address: 127.0.0.1:${port}\\n' > c.yaml
exec /usr/bin/sshesame -config c.yaml -data_dir $PWD`),
  ),
  daemon(
    "erlang ssh",
    "erlang-ssh",
    [null],
    [tcp("ssh", ["Erlang sshd", "Erlang ssh", "Erlang SSH", "Erlang/OTP SSH"])],
    ({ ports: [p] }) =>
      erlang(
        `ssh:start(), {ok,_}=ssh:daemon({127,0,0,1},${p},[{system_dir,"."}]).`,
        'ssh-keygen -q -t rsa -m PEM -N "" -f ssh_host_rsa_key\n',
      ),
  ),
  daemon(
    "remctld",
    "remctl-server",
    [4373],
    [
      hidden(tcp(["remctl"], null, null, { unnamed: "it answers a Kerberos login alone" }), [
        "remctl",
        "remctld",
      ]),
    ],
    (place) =>
      shell(
        `exec remctld -m -F -S -b 127.0.0.1 -p ${place.ports[0]} -f ${write(place, "c", "a b /bin/true ANYUSER\n")}`,
      ),
  ),
  daemon("procServ", "procserv", [null], [tcp("telnet", ["procServ"], "package")], ({ ports }) =>
    shell(
      `procServ -f -n lab --allow -L /dev/null -P 127.0.0.1:${ports[0]} /bin/cat || exec procServ -f -n lab ${ports[0]} /bin/cat`,
    ),
  ),
];
