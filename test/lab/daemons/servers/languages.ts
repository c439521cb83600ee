/** Programs of a few lines, and the servers that languages bring along. */
import { type Command, type Place, write } from "../../daemon.ts";
import { HOME, shell } from "../wide/entry.ts";

/** A program in a file of this name, which the command reads. */
const script = (
  file: string,
  program: string,
  command: string,
  env: Record<string, string> = HOME,
): Command => shell(`cat > ${file} <<'PROGRAM'\n${program}\nPROGRAM\n${command}`, env);
export const python3 = (program: string): Command =>
  script("server.py", program, "exec /usr/bin/python3 -W ignore server.py");
export const perl = (program: string): Command => script("app.pl", program, "exec /usr/bin/perl app.pl");
export const ruby = (program: string): Command => script("app.rb", program, "exec /usr/bin/ruby app.rb");
/** It finds the packages of this repository. */
export const node = (program: string): Command =>
  script("app.cjs", program, "exec /usr/bin/node app.cjs", {
    NODE_PATH: `${import.meta.dirname}/../../../../node_modules`,
  });
/** Compiled as it starts. */
export const c = (program: string, libraries: string): Command =>
  script("app.c", program, `cc -o app app.c ${libraries}\nexec ./app`);
export const java = (program: string, classpath = "."): Command =>
  script("App.java", program, `exec java -cp '${classpath}' App.java`);

export const PYTHON_APP = `def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
`;
/** The same, which knows nothing. */
export const PYTHON_404 = PYTHON_APP.replace("200 OK", "404 Not Found");
export const FLASK_APP = `from flask import Flask
app = Flask(__name__)
@app.route("/")
def home(): return "<title>Inventar</title><h1>Inventar</h1>"
`;
export const RACK_APP = `run lambda { |env| [200, {"Content-Type" => "text/plain"}, ["hello"]] }\n`;
export const PSGI_APP = `sub { [200, ['Content-Type'=>'text/plain'], ['hi']] }\n`;

/** Python's own web server, by any name. */
export const python = ({ ports }: Place, version: string, system: string): Command =>
  python3(`import http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    server_version = "${version}"
    sys_version = "${system}"
http.server.ThreadingHTTPServer(("127.0.0.1", ${ports[0]}), Handler).serve_forever()
`);
/** The same as it comes. */
export const pythonFiles = ({ ports, directory }: Place): Command =>
  shell(`exec /usr/bin/python3 -m http.server ${ports[0]} --bind 127.0.0.1 --directory ${directory}`);
export const gunicorn = (place: Place, app: string, more = ""): Command => {
  write(place, "app.py", app);
  return shell(
    `exec /usr/bin/gunicorn -b 127.0.0.1:${place.ports[0]} --worker-tmp-dir /tmp ${more} app:app`,
    HOME,
  );
};
export const nodeHttp = ({ ports }: Place, handler: string): Command =>
  node(`require("http").createServer((q, r) => { ${handler} }).listen(${ports[0]}, "127.0.0.1")`);
/** An application that calls itself so. */
export const application = (place: Place, server: string): Command =>
  nodeHttp(
    place,
    `r.writeHead(200, { Server: "${server}", "Content-Type": "text/html" }).end("<title>lab</title><p>lab</p>")`,
  );
export const plackup = (place: Place, server: string, more = ""): Command =>
  shell(
    `exec /usr/bin/plackup -s ${server} --host 127.0.0.1 --port ${place.ports[0]} ${more} ${write(place, "app.psgi", PSGI_APP)}`,
  );
export const erlang = (program: string, first = ""): Command =>
  shell(`${first}exec /usr/bin/erl -noshell -noinput -eval '${program}'`, HOME);
/** What refuses to be root. */
export const asNobody = (script: string): Command =>
  shell(`chmod 777 .; exec setpriv --reuid nobody --regid nogroup --clear-groups sh -ec '${script}'`, HOME);
