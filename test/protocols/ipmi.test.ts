import { ipmi } from "../../lib/protocols/ipmi.ts";
import { recorded } from "./recorded.ts";

recorded(ipmi);
