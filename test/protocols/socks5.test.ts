import { expect, test } from "vitest";
import { socks5 } from "../../lib/protocols/socks5.ts";
import { recorded } from "./recorded.ts";
import { response } from "./text-peer.ts";

recorded(socks5);

test("who refuses strangers as SOCKS does is asked as SOCKS next", () => {
  const hint = socks5.recognise(response("http.get", Buffer.from([5, 255])));
  expect(hint).toMatchObject({ service: "socks5", weight: 4 });
  expect(socks5.recognise(response("http.get", Buffer.from([5, 0])))).toBeNull();
});
