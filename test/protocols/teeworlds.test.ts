import { teeworlds } from "../../lib/protocols/teeworlds.ts";
import { recorded } from "./recorded.ts";

recorded(teeworlds);
