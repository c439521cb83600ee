// DTLS: a hello is answered with a cookie to send back (HelloVerifyRequest), at once with the server's hello,
// or with an alert. With the cookie returned the server shows version, suite and certificate; an alert says
// goodbye.
// Source: RFC 6347 section 4.2.
import type { Fact, Response } from "../model/observation.ts";
import { distinct, familyOf, named } from "./binary.ts";
import { certificateFacts } from "./certificate.ts";
import { clientHello, goodbye, parseFlight } from "./dtls-hello.ts";
import type { Protocol, Recognition, Session } from "./types.ts";

/** Nobody answers an alert, ms. */
const GOODBYE_WAIT_MS = 1;

function recognise({ data }: Response): Recognition | null {
  const flight = parseFlight(data);
  if (!flight) return null;
  const seen = flight.cipher !== null ? "ServerHello" : flight.cookie ? "HelloVerifyRequest" : null;
  return {
    service: "dtls",
    weight: seen ? 9 : 7,
    excerpt: `${flight.version} ${seen ?? `alert ${flight.alert}`}`,
  };
}

function read(response: Response): Fact[] {
  const flight = parseFlight(response.data);
  if (!flight) return [];
  const family = familyOf(response);
  const facts = named("dtls", family, {
    // a cookie request says the lowest version, whatever follows (RFC 6347 section 4.2.1)
    version: flight.cipher === null ? null : flight.version,
    cipher: flight.cipher?.toString(16).padStart(4, "0"),
    cookie: flight.cookie ? `${flight.cookie.length} bytes` : null,
    alert: flight.alert,
  });
  const certificate = flight.certificate ? certificateFacts(flight.certificate) : [];
  return [...facts, ...certificate.map((fact) => ({ ...fact, family }))];
}

async function converse(session: Session): Promise<void> {
  const flights = session.responses.flatMap(({ data }) => parseFlight(data) ?? []);
  const cookie = flights.find((flight) => flight.cookie)?.cookie;
  if (cookie && flights.every((flight) => flight.cipher === null)) {
    await session.ask({ probe: "dtls.cookie", data: clientHello(session.context.hostname, cookie) });
  } else if (flights.every((flight) => flight.cipher === null)) return;
  await session.ask({ probe: "dtls.goodbye", data: goodbye, timeoutMs: GOODBYE_WAIT_MS });
}

export const dtls: Protocol = {
  name: "dtls",
  transports: ["udp"],
  speaksFirst: "client",
  openers: ({ hostname }) => [
    {
      probe: "dtls.hello",
      data: clientHello(hostname),
      complete: (received) => {
        const flight = parseFlight(received);
        return flight !== null && (flight.cookie !== null || flight.alert !== null);
      },
    },
  ],
  recognise,
  converse,
  facts: (responses) => distinct(responses.flatMap(read)),
};
