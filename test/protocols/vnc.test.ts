import { vnc } from "../../lib/protocols/vnc.ts";
import { recorded } from "./recorded.ts";

recorded(vnc);
