import { netbiosNs } from "../../lib/protocols/netbios-ns.ts";
import { recorded } from "./recorded.ts";

recorded(netbiosNs);
