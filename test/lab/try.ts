/**
 * Some daemons of the lab, by name, looked at closely while signatures are written for them: `node test/lab/try.ts nginx redis`. Prints
 * truth and verdict, and with DOORPLATE_LAB_SHOW=1 every response and fact.
 */

import type { Verdict } from "../../lib/model/fingerprint.ts";
import { speaksTls } from "../../lib/model/observation.ts";
import { ALL_DAEMONS } from "./daemons.ts";
import { behindUnseen, type Judged, judge, spoofSeen } from "./judge.ts";
import { effortOf, observeDoors, record } from "./observations.ts";
import type { Observed } from "./observe.ts";
import { startLab } from "./start.ts";

const wanted = process.argv.slice(2);
const show = process.env.DOORPLATE_LAB_SHOW;
const lab = await startLab(
  ALL_DAEMONS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name === word)),
  { tolerant: true },
);
try {
  const observed = await observeDoors(lab.doors, lab.network);
  const said = observed.map(({ observation, verdict }) => ({
    ...verdict,
    port: observation.endpoint.port,
    transport: observation.endpoint.transport,
    tls: speaksTls(observation),
    observation,
  }));
  for (const door of lab.doors) print(judge(door, said));
  record(observed, lab.doors);
  console.log(effortOf(observed));
} finally {
  for (const line of lab.missing) console.log(`NOT STARTED: ${line}`);
  await lab.stop();
}

function print(
  one: Judged<Parameters<typeof judge>[1][number] & Partial<Observed> & Partial<Verdict>>,
): void {
  const { door, got } = one;
  const mark = (good: boolean) => (good ? "" : " <<<");
  const truth = [
    door.service[0],
    door.productHidden ? `(${door.product[0]})` : door.product[0],
    door.version,
  ];
  const bad =
    !one.service ||
    !one.tls ||
    one.product === "wrong" ||
    (one.product === "none" && !door.productHidden) ||
    one.version === "wrong" ||
    (one.version === "none" && door.version !== null);
  const observation = got?.observation;
  const verdict = [got?.service, got?.product, got?.version].map((x) => x ?? "-").join(" / ");
  const cost = `${observation?.durationMs} ms, ${observation?.connections} conn`;
  console.log(
    `${door.daemon} ${door.transport}/${door.port}${door.tls ? " tls" : ""}: ${truth.map((x) => x ?? "-").join(" / ")} => ${verdict} (${cost})${mark(!bad)}`,
  );
  if (door.unnamed) console.log(`   known gap: ${door.unnamed}`);
  if (door.spoof)
    console.log(
      `   claims ${door.spoof[0]}: ${spoofSeen(one) ? "reported" : "NOT REPORTED"}, confidence ${got?.confidences?.product}`,
    );
  const told = [
    ...(got?.technologies ?? []).map(({ name, version }) => `with ${name} ${version ?? ""}`.trim()),
    ...(got?.conflicts ?? []).map(({ claimed, against }) => `${claimed} against ${against}`),
  ];
  if (told.length > 0) console.log(`   ${told.join("; ")}; confidence ${got?.confidences?.product}`);
  if (door.mute) console.log(`   says nothing but its greeting; confidence ${got?.confidences?.product}`);
  for (const name of behindUnseen(one)) console.log(`   BEHIND IT AND NOT TOLD: ${name}`);
  if (!show || (show === "bad" && !bad) || !observation) return;
  for (const { probe, data_b64, end, connection, tls } of observation.responses) {
    const text = Buffer.from(data_b64, "base64").toString("latin1").slice(0, 700);
    console.log(`   ${connection} ${tls ? "tls " : ""}${probe} ${end}: ${JSON.stringify(text)}`);
  }
  for (const { name, value } of observation.facts)
    console.log(`   ${name} = ${JSON.stringify(value.slice(0, 300))}`);
}
