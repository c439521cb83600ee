import { apcupsd } from "../../lib/protocols/apcupsd.ts";
import { recorded } from "./recorded.ts";

recorded(apcupsd);
