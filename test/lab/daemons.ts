import type { Daemon } from "./daemon.ts";
import { dataDaemons } from "./daemons/data.ts";
import { fileDaemons } from "./daemons/files.ts";
import { mailDaemons } from "./daemons/mail.ts";
import { networkDaemons } from "./daemons/network.ts";
import { webDaemons } from "./daemons/web.ts";

/** Every daemon of the lab. To add one: README.md, "A new daemon". */
export const DAEMONS: readonly Daemon[] = [
  ...webDaemons,
  ...fileDaemons,
  ...mailDaemons,
  ...dataDaemons,
  ...networkDaemons,
];
