// Erlang port mapper: the names request lists the nodes of the host, with the mapper's own port in front.
// Source: erlang.org "Distribution Protocol", section 13.2.5 (NAMES_REQ, NAMES_RESP).
import { type Fact, latin1, printable, type Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import type { Ask, Protocol, Recognition } from "./types.ts";

const NAMES_REQUEST = 110;
const names: Ask = { probe: "epmd.names", data: join(big(1, 2), NAMES_REQUEST) };

/** Port and node lines (`name <node> at port <n>`). Null when the bytes are something else. */
function parseNames(data: Uint8Array): { port: number; nodes: string[] } | null {
  const r = reader(data);
  const port = r.u32();
  const text = latin1(r.take(r.left));
  if (r.failed || port < 1 || port > 65_535 || !/^(?:name [^\s]{1,255} at port \d{1,5}\n)*$/.test(text))
    return null;
  const nodes = [...text.matchAll(/^name (\S+) at port (\d+)$/gm)].map(
    ([, name = "", at = ""]) => `${name}:${at}`,
  );
  return { port, nodes };
}

function recognise({ data, probe }: Response): Recognition | null {
  const answer = parseNames(data);
  if (!answer || (answer.nodes.length === 0 && probe !== names.probe)) return null;
  const excerpt = printable(`port ${answer.port} ${answer.nodes.join(" ")}`.trim());
  return { service: "epmd", weight: answer.nodes.length > 0 ? 9 : 6, excerpt };
}

function read(response: Response): Fact[] {
  const answer = recognise(response) && parseNames(response.data);
  if (!answer) return [];
  return named("epmd", familyOf(response), {
    reply: `port ${answer.port}`,
    nodes: answer.nodes.slice(0, 50).join(" "),
  });
}

export const epmd: Protocol = {
  name: "epmd",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [names],
  recognise,
  facts: (responses) => distinct(responses.flatMap(read)),
};
