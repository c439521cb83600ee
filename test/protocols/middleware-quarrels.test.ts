import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Response } from "../../lib/model/observation.ts";
import { bacula } from "../../lib/protocols/bacula.ts";
import { bolt } from "../../lib/protocols/bolt.ts";
import { cassandra } from "../../lib/protocols/cassandra.ts";
import { clamav } from "../../lib/protocols/clamav.ts";
import { clickhouse } from "../../lib/protocols/clickhouse.ts";
import { dict } from "../../lib/protocols/dict.ts";
import { elasticsearchTransport } from "../../lib/protocols/elasticsearch-transport.ts";
import { finger } from "../../lib/protocols/finger.ts";
import { firebird } from "../../lib/protocols/firebird.ts";
import { gearman } from "../../lib/protocols/gearman.ts";
import { gitDaemon } from "../../lib/protocols/git-daemon.ts";
import { gpsd } from "../../lib/protocols/gpsd.ts";
import { ident } from "../../lib/protocols/ident.ts";
import { protocols } from "../../lib/protocols/index.ts";
import { javaRmi } from "../../lib/protocols/java-rmi.ts";
import { jdwp } from "../../lib/protocols/jdwp.ts";
import { kafka } from "../../lib/protocols/kafka.ts";
import { lpd } from "../../lib/protocols/lpd.ts";
import { managesieve } from "../../lib/protocols/managesieve.ts";
import { mpd } from "../../lib/protocols/mpd.ts";
import { mssql } from "../../lib/protocols/mssql.ts";
import { nsq } from "../../lib/protocols/nsq.ts";
import { oracleTns } from "../../lib/protocols/oracle-tns.ts";
import { chargen, daytime, echo, qotd, time } from "../../lib/protocols/small-services.ts";
import { spamassassin } from "../../lib/protocols/spamassassin.ts";
import { stomp } from "../../lib/protocols/stomp.ts";
import { svnserve } from "../../lib/protocols/svnserve.ts";
import { torControl } from "../../lib/protocols/tor-control.ts";
import type { Protocol } from "../../lib/protocols/types.ts";
import { xmpp } from "../../lib/protocols/xmpp.ts";
import { respond } from "./recorded.ts";

const middleware: readonly Protocol[] = [
  managesieve,
  xmpp,
  gitDaemon,
  svnserve,
  dict,
  mpd,
  gpsd,
  clamav,
  spamassassin,
  stomp,
  gearman,
  lpd,
  finger,
  ident,
  daytime,
  time,
  echo,
  chargen,
  qotd,
  torControl,
  nsq,
  kafka,
  cassandra,
  mssql,
  oracleTns,
  firebird,
  bolt,
  clickhouse,
  bacula,
  jdwp,
  javaRmi,
  elasticsearchTransport,
];
const names = new Set(middleware.map(({ name }) => name));
const folder = new URL("vectors/", import.meta.url);

interface Sample {
  /** `redis/noauth.bin` */
  file: string;
  protocol: string;
  response: Response;
}

/** Every recorded answer of every protocol: one file a case, or several named in its dialogue. */
function samples(protocol: string): Sample[] {
  const home = new URL(`${protocol}/`, folder);
  return readdirSync(home)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      const { probe, responses } = JSON.parse(readFileSync(new URL(file, home), "utf8"));
      const rows: { probe: string; file: string }[] = responses ?? [
        { probe, file: file.replace(/json$/, "bin") },
      ];
      return rows.map((row) => ({
        file: `${protocol}/${row.file}`,
        protocol,
        response: respond(new Uint8Array(readFileSync(new URL(row.file, home))), row.probe),
      }));
    });
}

const all = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => samples(name));

/** Both speak of the same port: the plain text names it, and HTTP's grammar is real. */
const SHARED = new Set(["clickhouse/http-get.bin http", "torControl/http-get.bin http"]);

describe("middleware protocols keep to their own", () => {
  test("none of them claims what another protocol said", () => {
    const stolen = all.flatMap(({ file, protocol, response }) =>
      middleware
        .filter(({ name }) => name !== protocol)
        .filter((other) => (other.recognise(response)?.weight ?? 0) >= 4)
        .map(({ name }) => `${file} ${name}`),
    );
    expect(all.length).toBeGreaterThan(200);
    expect(stolen).toEqual([]);
  });

  test("no other protocol is surer of their answers than they are", () => {
    const others = protocols.map(({ protocol }) => protocol).filter(({ name }) => !names.has(name));
    const lost = all
      .filter(({ protocol }) => names.has(protocol))
      .flatMap(({ file, protocol, response }) => {
        const own = middleware.find(({ name }) => name === protocol)?.recognise(response)?.weight ?? 0;
        return others
          .map((other) => ({ name: other.name, weight: other.recognise(response)?.weight ?? 0 }))
          .filter(({ weight }) => own > 0 && weight >= own)
          .map(({ name }) => `${file} ${name}`);
      });
    expect(lost.filter((pair) => !SHARED.has(pair))).toEqual([]);
  });

  test("each probe has one name, and begins with its protocol's", () => {
    const probes = [
      ...middleware,
      ...protocols.map(({ protocol }) => protocol).filter(({ name }) => !names.has(name)),
    ]
      .flatMap(({ openers }) =>
        openers({ host: "127.0.0.1", hostname: null, port: 1, transport: "tcp", tls: false }),
      )
      .map(({ probe }) => probe);
    expect(new Set(probes).size).toBe(probes.length);
  });
});
