import { rdp } from "../../lib/protocols/rdp.ts";
import { recorded } from "./recorded.ts";

recorded(rdp);
