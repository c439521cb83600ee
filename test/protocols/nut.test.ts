import { nut } from "../../lib/protocols/nut.ts";
import { recorded } from "./recorded.ts";

recorded(nut);
