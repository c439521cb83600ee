import { openttd } from "../../lib/protocols/openttd.ts";
import { recorded } from "./recorded.ts";

recorded(openttd);
