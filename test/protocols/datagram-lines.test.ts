import { datagramLines } from "../../lib/protocols/datagram-lines.ts";
import { recorded } from "./recorded.ts";

for (const { protocol } of datagramLines) recorded(protocol);
