import type { Daemon } from "../../daemon.ts";
import { dataDaemons } from "./data.ts";
import { fronts } from "./fronts.ts";
import { hiddenDaemons } from "./hidden.ts";
import { impostors } from "./impostors.ts";
import { networkDaemons } from "./network.ts";
import { smallDaemons } from "./small.ts";
import { talkDaemons } from "./talk.ts";
import { unpackedDaemons } from "./unpacked.ts";
import { watchDaemons } from "./watch.ts";
import { webDaemons } from "./web.ts";

/** The wide lab: what is too much for every run. */
export const WIDE: readonly Daemon[] = [
  ...webDaemons,
  ...watchDaemons,
  ...dataDaemons,
  ...networkDaemons,
  ...smallDaemons,
  ...talkDaemons,
  ...hiddenDaemons,
  ...impostors,
  ...fronts,
  ...unpackedDaemons,
];
