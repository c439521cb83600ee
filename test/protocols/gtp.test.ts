import { gtp } from "../../lib/protocols/gtp.ts";
import { recorded } from "./recorded.ts";

recorded(gtp);
