/** Servers of SSH, each with options of its own. */
import type { Command, Place } from "../../daemon.ts";
import { shell } from "../wide/entry.ts";
import { python3 } from "./languages.ts";

export const sshd = ({ ports }: Place, more = "", key: "rsa" | "ed25519" = "rsa"): Command =>
  shell(
    `ssh-keygen -q -t ${key} -N "" -f key\nmkdir -p /run/sshd\nexec /usr/sbin/sshd -D -e -f /dev/null -o ListenAddress=127.0.0.1:${ports[0]} -o HostKey=$PWD/key -o PidFile=none ${more}`,
  );
export const dropbear = ({ ports }: Place, more = ""): Command =>
  shell(
    `dropbearkey -t ed25519 -f key > /dev/null\nexec /usr/sbin/dropbear -F -E -r $PWD/key -p 127.0.0.1:${ports[0]} -P $PWD/pid ${more}`,
  );
/** `version`: its first line, where it is not Paramiko's own. */
export const paramiko = ({ ports }: Place, version?: string): Command =>
  python3(`import paramiko, socket, threading
key = paramiko.RSAKey.generate(2048)
listener = socket.create_server(("127.0.0.1", ${ports[0]}))
def serve(client):
    transport = paramiko.Transport(client)
${version === undefined ? "" : `    transport.local_version = "${version}"\n`}    transport.add_server_key(key)
    try: transport.start_server(server=paramiko.ServerInterface())
    except Exception: pass
while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()`);
/** Twisted's, by this first line. */
export const conch = ({ ports }: Place, version: string): Command =>
  python3(`from cryptography.hazmat.primitives.asymmetric import rsa
from twisted.conch.ssh import factory, keys, transport
from twisted.internet import reactor
key = keys.Key(rsa.generate_private_key(65537, 2048))
class Factory(factory.SSHFactory):
    publicKeys = {b"ssh-rsa": key.public()}
    privateKeys = {b"ssh-rsa": key}
    def getPrimes(self): return None
transport.SSHServerTransport.ourVersionString = b"${version}"
reactor.listenTCP(${ports[0]}, Factory(), interface="127.0.0.1")
reactor.run()`);
/** `version`: as which it calls itself, where that is not its own name. */
export const asyncssh = ({ ports }: Place, version?: string): Command =>
  python3(`import asyncio, asyncssh
async def main():
    await asyncssh.listen("127.0.0.1", ${ports[0]}, server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")]${version === undefined ? "" : `, server_version="${version}"`})
    await asyncio.Event().wait()
asyncio.run(main())`);
