import { nineP } from "../../lib/protocols/nine-p.ts";
import { recorded } from "./recorded.ts";

recorded(nineP);
