// NetBIOS session service: a session to `*SMBSERVER` is granted or refused; Windows and Samba take that name
// for themselves. Within a granted session SMB is negotiated, which tells the rest. No share is opened.
// Source: RFC 1002 section 4.3 (session packets and error codes), RFC 1001 section 14; MS-SMB section 2.1
// (`*SMBSERVER`).
import type { Fact, Response } from "../model/observation.ts";
import { big, distinct, familyOf, join, named, reader } from "./binary.ts";
import { encodeName } from "./netbios-ns.ts";
import { smb } from "./smb.ts";
import type { Ask, Protocol, Recognition, Session } from "./types.ts";

const TYPE = { request: 0x81, positive: 0x82, negative: 0x83, retarget: 0x84 };
const SPACE = 0x20;
const SUFFIX = { server: 0x20, workstation: 0x00 };
const ERRORS: Record<number, string> = {
  128: "not listening on called name",
  129: "not listening for calling name",
  130: "called name not present",
  131: "insufficient resources",
  143: "unspecified",
};

const names = join(
  encodeName("*SMBSERVER", SPACE, SUFFIX.server),
  encodeName("DOORPLATE", SPACE, SUFFIX.workstation),
);
const request: Ask = {
  probe: "netbios-ssn.request",
  data: join(TYPE.request, 0, big(names.length, 2), names),
  complete: (received) => parseSession(received) !== null,
};

/** `granted`, or why not. Null when the bytes are something else. */
function parseSession(data: Uint8Array): string | null {
  const r = reader(data);
  const [type, flags, length] = [r.u8(), r.u8(), r.u16()];
  if (r.failed || flags !== 0 || data.length !== 4 + length) return null;
  if (type === TYPE.positive && length === 0) return "granted";
  if (type === TYPE.negative && length === 1) return ERRORS[r.u8()] ?? null;
  return type === TYPE.retarget && length === 6 ? "retargeted" : null;
}

function recognise({ data, probe }: Response): Recognition | null {
  const told = parseSession(data);
  // four or five bytes: unmistakable only as an answer to the question
  return told
    ? { service: "netbios-ssn", weight: probe === request.probe ? 9 : 6, excerpt: `session ${told}` }
    : null;
}

function read(response: Response): Fact[] {
  return named("netbios-ssn", familyOf(response), { session: parseSession(response.data) });
}

async function converse(session: Session): Promise<void> {
  const granted = session.responses.some(({ data }) => parseSession(data) === "granted");
  const [negotiate] = smb.openers(session.context);
  if (granted && negotiate) await session.ask(negotiate);
}

export const netbiosSsn: Protocol = {
  name: "netbios-ssn",
  transports: ["tcp"],
  speaksFirst: "client",
  openers: () => [request],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
