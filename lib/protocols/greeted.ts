// Servers whose greeting says all that is to be known, each in a form that no other has. Nothing is asked.
// Sources: Tarantool manual, "Binary protocol", greeting packet; BZFlag's protocol (version string before all else); Sphinx's and
// Manticore's API (protocol version as four bytes, and the words of its error); real daemons.
import { latin1, printable, type Response } from "../model/observation.ts";
import { type Reading, readingProtocol } from "./reading.ts";
import type { Protocol } from "./types.ts";

interface Greeter {
  service: string;
  /** Its first group, where it has one, is kept as the fact `greeted.<service>`. */
  form: RegExp;
}

const GREETERS: readonly Greeter[] = [
  { service: "tarantool", form: /^(Tarantool \d[\w.+-]{0,40} \((?:Binary|Lua console)\))/ },
  { service: "bzflag", form: /^(BZFS\d{4})\r\n\r\n/ },
  {
    service: "sphinx-search",
    form: /^\0\0\0\x01\0[\x01-\x03]\0\0\0\0\0[\s\S]\0\0\0[\s\S](invalid command) \(code=\d{1,6}, len=\d{1,12}\)/,
  },
];

function read({ data }: Response): Reading | null {
  const text = latin1(data.subarray(0, 256));
  for (const { service, form } of GREETERS) {
    const found = form.exec(text);
    if (found)
      return {
        service,
        weight: 9,
        excerpt: printable(found[1] ?? found[0]),
        values: { [service]: found[1] },
      };
  }
  return null;
}

export const greeted: Protocol = readingProtocol({
  name: "greeted",
  prefix: "greeted",
  transports: ["tcp"],
  speaksFirst: "server",
  openers: () => [],
  read,
});
