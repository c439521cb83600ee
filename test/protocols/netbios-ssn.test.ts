import { netbiosSsn } from "../../lib/protocols/netbios-ssn.ts";
import { recorded } from "./recorded.ts";

recorded(netbiosSsn);
