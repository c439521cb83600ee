import { describe, expect, test } from "vitest";
import { randomCredentials, refuseOrigin, refuseSignature, sha256, sign } from "../../infra/local/guard.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const SCOPE = "20150830/us-east-1/service/aws4_request";
const headers = { host: "example.amazonaws.com", "x-amz-date": "20150830T123600Z" };

describe("signatures", () => {
  test("agree with AWS' published example (get-vanilla)", () => {
    const signature = sign(
      { method: "GET", url: "/", headers },
      SECRET,
      SCOPE,
      ["host", "x-amz-date"],
      sha256(""),
    );
    expect(signature).toBe("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  });

  test("do not depend on the order of the query's parameters", () => {
    const of = (url: string) =>
      sign({ method: "GET", url, headers }, SECRET, SCOPE, ["host", "x-amz-date"], sha256(""));
    expect(of("/?a=1&a-b=2&a=0")).toBe(of("/?a-b=2&a=0&a=1"));
    expect(of("/?a=1")).not.toBe(of("/?a=2"));
  });

  test("hold for one method, path, payload and key only", () => {
    const credentials = randomCredentials();
    const names = ["host", "x-amz-date"];
    const signature = sign(
      { method: "POST", url: "/", headers },
      credentials.secretAccessKey,
      SCOPE,
      names,
      sha256("body"),
    );
    const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${SCOPE}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
    const signed = { method: "POST", url: "/", headers: { ...headers, authorization } };
    const body = () => Buffer.from("body");
    expect(refuseSignature(signed, credentials, body)).toBeNull();
    expect(refuseSignature({ ...signed, method: "PUT" }, credentials, body)).toBe("wrong signature");
    expect(refuseSignature({ ...signed, url: "/other" }, credentials, body)).toBe("wrong signature");
    expect(refuseSignature(signed, credentials, () => Buffer.from("other"))).toBe("wrong signature");
    expect(refuseSignature(signed, { ...credentials, secretAccessKey: "other" }, body)).toBe(
      "wrong signature",
    );
    expect(refuseSignature(signed, randomCredentials(), body)).toBe("unknown access key");
    expect(refuseSignature({ ...signed, headers }, credentials, body)).toBe(
      "not signed (Signature Version 4)",
    );
  });
});

describe("browsers", () => {
  test("are refused by the Origin that they cannot leave out", () => {
    expect(refuseOrigin({ host: "127.0.0.1:80", origin: "null" }, 80)).toMatch("Origin");
  });

  test("are refused by a Host that is not ours, so that a rebound name does not help", () => {
    expect(refuseOrigin({ host: "127.0.0.1:80" }, 80)).toBeNull();
    expect(refuseOrigin({ host: "localhost:80" }, 80)).toBeNull();
    for (const host of [
      "evil.example:80",
      "127.0.0.1",
      "127.0.0.1:81",
      "127.0.0.1:80.evil.example",
      undefined,
    ]) {
      expect(refuseOrigin({ host }, 80)).toBe("foreign Host");
    }
  });
});

test("every run has a key of its own", () => {
  const [first, second] = [randomCredentials(), randomCredentials()];
  expect(first.accessKeyId).toMatch(/^AKIA[0-9A-F]{16}$/);
  expect(first.accessKeyId).not.toBe(second.accessKeyId);
  expect(first.secretAccessKey).not.toBe(second.secretAccessKey);
});
