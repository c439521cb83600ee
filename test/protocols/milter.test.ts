import { milter } from "../../lib/protocols/milter.ts";
import { recorded } from "./recorded.ts";

recorded(milter);
