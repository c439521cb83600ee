/** Programs that only pretend to be a server, and one that keeps a server busy. */
import { type Command, type Place, write } from "../../daemon.ts";
import { python3 } from "./languages.ts";
import { socat } from "./proxies.ts";

/** What a connection gets: one handler's body, in Python. */
const handler = ({ ports }: Place, body: string): Command =>
  python3(`import socketserver
class Handler(socketserver.BaseRequestHandler):
    def handle(self):
${body}
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("127.0.0.1", ${ports[0]}), Handler).serve_forever()`);
/** Greets every caller with this line, and says nothing more. */
export const honeypot = (place: Place, greeting: string): Command =>
  handler(
    place,
    `        self.request.sendall(b"${greeting}\\r\\n")\n        while self.request.recv(4096): pass`,
  );
/** The same bytes to every connection, whatever it asks, once it has asked something. */
export const parrot = (place: Place, answer: string): Command =>
  handler(place, `        while self.request.recv(4096): self.request.sendall(${answer})`);
/** One line again and again, before any question and after each. */
export const again = (place: Place, line: string): Command =>
  handler(
    place,
    `        self.request.sendall(b"${line}\\r\\n")\n        while self.request.recv(4096): self.request.sendall(b"${line}\\r\\n")`,
  );
/** As `nc -l < answer` in a loop: the whole answer at once, and the end of it. */
export const loop = (place: Place, answer: string): Command =>
  socat(place.ports[0], `EXEC:cat ${write(place, "answer", answer)}`);
/** Keeps this many connections to a port open as soon as there is one to be had, so that the server is full for everybody else. */
export const hold = ({ ports }: Place, connections: number): Command =>
  python3(`import socket, time
held = []
while len(held) < ${connections}:
    try: held.append(socket.create_connection(("127.0.0.1", ${ports[0]})))
    except OSError: time.sleep(0.2)
time.sleep(1e6)`);
