import { ajp13 } from "../../lib/protocols/ajp13.ts";
import { recorded } from "./recorded.ts";

recorded(ajp13);
