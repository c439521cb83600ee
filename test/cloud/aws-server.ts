/** A server on loopback in the place of an AWS API: it counts what it is asked, and answers with what the test says. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface AwsServer {
  endpoint: string;
  readonly asked: number;
  close(): void;
}

export async function startAwsServer(
  answer: (request: IncomingMessage, body: string) => { status: number; text: string },
): Promise<AwsServer> {
  let asked = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      asked++;
      const { status, text } = answer(request, body);
      const type = text.startsWith("<") ? "text/xml;charset=UTF-8" : "application/json";
      response.writeHead(status, { "content-type": type }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get asked() {
      return asked;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The scope of a request's signature: key/date/region/service/aws4_request. */
export function signedFor({ headers }: IncomingMessage): { region: string; service: string } {
  const [, , region = "", service = ""] =
    /Credential=([^,]+)/.exec(headers.authorization ?? "")?.[1]?.split("/") ?? [];
  return { region, service };
}
