import type { Daemon } from "./daemon.ts";
import { dataDaemons } from "./daemons/data.ts";
import { fileDaemons } from "./daemons/files.ts";
import { mailDaemons } from "./daemons/mail.ts";
import { networkDaemons } from "./daemons/network.ts";
import { webDaemons } from "./daemons/web.ts";
import { WIDE } from "./daemons/wide/index.ts";

/** Every daemon of the lab. To add one: README.md, "A new daemon". */
export const DAEMONS: readonly Daemon[] = [
  ...webDaemons,
  ...fileDaemons,
  ...mailDaemons,
  ...dataDaemons,
  ...networkDaemons,
];

/** Those and the wide lab's, which is too much for every run. */
export const ALL_DAEMONS: readonly Daemon[] = [...DAEMONS, ...WIDE];
