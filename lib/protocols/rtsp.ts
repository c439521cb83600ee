import { printable } from "../model/observation.ts";
import { factList } from "./fact-list.ts";
import { header, messageComplete, parseMessage } from "./http-message.ts";
import { bytes } from "./reply-lines.ts";
import type { Protocol } from "./types.ts";

/** RTSP (RFC 2326, RFC 7826): OPTIONS about the server itself, which needs no session. */
export const rtsp: Protocol = {
  name: "rtsp",
  transports: ["tcp"],
  speaksFirst: "client",

  openers: () => [
    {
      probe: "rtsp.options",
      data: bytes("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Doorplate\r\n\r\n"),
      complete: messageComplete("RTSP"),
    },
  ],

  recognise({ data }) {
    const message = parseMessage(data, "RTSP");
    return (
      message && {
        service: "rtsp",
        weight: 9,
        excerpt: printable(`RTSP/${message.version} ${message.status} ${message.reason}`),
      }
    );
  },

  facts(responses) {
    const list = factList();
    for (const { data } of responses) {
      const message = parseMessage(data, "RTSP");
      if (!message) continue;
      list.add("rtsp.status", String(message.status), "rtsp.headers");
      list.add("rtsp.server", header(message, "server"), "rtsp.headers");
      list.add("rtsp.public", header(message, "public"), "rtsp.headers");
      list.add("rtsp.wwwAuthenticate", header(message, "www-authenticate"), "rtsp.headers");
    }
    return list.facts;
  },
};
