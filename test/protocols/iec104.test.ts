import { iec104 } from "../../lib/protocols/iec104.ts";
import { recorded } from "./recorded.ts";

recorded(iec104);
