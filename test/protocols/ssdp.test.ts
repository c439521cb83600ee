import { ssdp } from "../../lib/protocols/ssdp.ts";
import { recorded } from "./recorded.ts";

recorded(ssdp);
