import { snmp } from "../../lib/protocols/snmp.ts";
import { recorded } from "./recorded.ts";

recorded(snmp);
