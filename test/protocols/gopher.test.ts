import { gopher } from "../../lib/protocols/gopher.ts";
import { recorded } from "./recorded.ts";

recorded(gopher);
