import { printable } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { bytes } from "./reply-lines.ts";
import { disconnectPacket, parseIdentification, parseKexInit, serverHassh } from "./ssh-packet.ts";
import type { Protocol } from "./types.ts";

/** Some servers send KEXINIT with their greeting, others only after the client's identification line. */
const IDENTIFY = bytes("SSH-2.0-Doorplate\r\n");
/** Wait for the server to close after our goodbye, ms. */
const GOODBYE_MS = 250;

/**
 * SSH (RFC 4253): the server greets with its identification line. We answer with ours only to see its KEXINIT, then disconnect in the
 * protocol's own words; authentication is never begun.
 */
export const ssh: Protocol = {
  name: "ssh",
  transports: ["tcp"],
  speaksFirst: "server",
  owed: "ssh.kexinit",
  answersOwed: (data) => parseKexInit(data) !== null,
  openers: () => [],

  recognise(response) {
    const found = parseIdentification(response.data);
    return (
      found && { service: "ssh", weight: 9, excerpt: printable(`SSH-${found.protocol}-${found.software}`) }
    );
  },

  async converse(session) {
    if (session.responses.some((response) => parseKexInit(response.data))) return;
    const answer = await session.ask({
      probe: "ssh.kexinit",
      data: IDENTIFY,
      complete: (received) => parseKexInit(received) !== null,
    });
    if (answer && parseKexInit(answer.data)) {
      await session.ask({ probe: "ssh.disconnect", data: disconnectPacket(), timeoutMs: GOODBYE_MS });
    }
  },

  facts(responses) {
    const list = factList();
    let isSsh = false;
    for (const { data } of responses) {
      const line = parseIdentification(data);
      if (line) {
        isSsh = true;
        list.add("ssh.banner", line.software, "banner");
        list.add("ssh.software", line.software, "banner");
        list.add("ssh.protocol", line.protocol, "banner");
        list.add("ssh.comments", line.comments, "banner");
      }
      const init = isSsh ? parseKexInit(data) : null;
      if (init) {
        list.add("ssh.kex", init.kex, "ssh.kexinit");
        list.add("ssh.hassh", serverHassh(init), "ssh.kexinit");
        // What is offered, and in which order, is compiled in unless somebody took pains.
        list.add(
          "ssh.offer",
          [init.kex, init.cipherServer, init.macServer, init.compressionServer].join(";"),
          "ssh.kexinit",
        );
        list.add("ssh.hostKeyAlgorithms", init.hostKey, "ssh.kexinit");
      }
    }
    return list.facts;
  },
};
