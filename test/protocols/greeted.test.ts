import { greeted } from "../../lib/protocols/greeted.ts";
import { recorded } from "./recorded.ts";

recorded(greeted);
