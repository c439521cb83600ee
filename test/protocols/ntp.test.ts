import { ntp } from "../../lib/protocols/ntp.ts";
import { recorded } from "./recorded.ts";

recorded(ntp);
