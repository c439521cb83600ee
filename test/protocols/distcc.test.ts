import { distcc } from "../../lib/protocols/distcc.ts";
import { recorded } from "./recorded.ts";

recorded(distcc);
