import { natpmp } from "../../lib/protocols/natpmp.ts";
import { recorded } from "./recorded.ts";

recorded(natpmp);
