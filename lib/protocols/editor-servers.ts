// Servers of editors: language servers and debug adapters wrap JSON in the same header. One request is an "initialize" to both of them, and
// each answers with what it can do; language servers give their name. Nothing is opened and no program is started.
// Sources: Language Server Protocol 3.17, "Base Protocol" and "Initialize Request" (serverInfo); Debug Adapter Protocol 1.x, "Base Protocol",
// "Initialize" and the output event with category "telemetry"; Microsoft's debugpy, which introduces itself by one.
import { latin1, printable, type Response } from "../model/observation.ts";
import { bytes } from "./binary.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

const REQUEST = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { processId: null, rootUri: null, capabilities: {} },
  seq: 1,
  type: "request",
  command: "initialize",
  arguments: { adapterID: "doorplate", clientName: "Doorplate" },
});
/** Characters of an answer that are read: what a language server can do fills pages, and its name comes last. */
const MAX_TEXT = 65_536;
const HEADER =
  /^(?:Content-Type: [^\r\n]{0,80}\r\n)?Content-Length: (\d{1,7})\r\n(?:Content-Type: [^\r\n]{0,80}\r\n)?\r\n\{/;

/** Values of a flat part of JSON, found by their names, so that a part cut off serves, too. */
const stringIn = (text: string, name: string) => new RegExp(`"${name}": ?"([^"\\\\]{1,80})"`).exec(text)?.[1];

function whole(data: Uint8Array): boolean {
  const found = HEADER.exec(latin1(data.subarray(0, 200)));
  return found !== null && data.length >= found[0].length - 1 + Number(found[1]);
}

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, MAX_TEXT));
  if (!HEADER.test(text)) return null;
  if (/"type": ?"(?:event|response)"/.test(text)) {
    const debugpy = /"output": ?"(?:debugpy|ptvsd)", ?"data": ?\{"packageVersion": ?"([^"]{1,60})"/.exec(
      text,
    );
    const values = { adapter: debugpy ? `debugpy ${debugpy[1]}` : null };
    return { service: "dap", weight: 9, excerpt: printable(debugpy?.[0] ?? "debug adapter"), values };
  }
  if (!/"jsonrpc": ?"2\.0"/.test(text)) return null;
  const info = /"serverInfo": ?(\{[^{}]{0,400})/.exec(text)?.[1] ?? "";
  const name = stringIn(info, "name");
  // Some put a whole report of their build into the version: what is not one by its form stays out.
  const version = /^v?\d[\w.+-]{0,40}$/.exec(stringIn(info, "version") ?? "")?.[0] ?? "";
  return {
    service: "lsp",
    weight: 9,
    excerpt: printable(name ?? "language server"),
    values: { name: name ? `${name} ${version}`.trim() : null, answer: "lsp" },
  };
}

export const editorServers: Protocol = readingProtocol({
  name: "editorServers",
  prefix: "editor",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [
    {
      probe: "editor.initialize",
      data: bytes(`Content-Length: ${REQUEST.length}\r\n\r\n${REQUEST}`),
      complete: whole,
    },
  ],
  read,
});
