import { mongodb } from "../../lib/protocols/mongodb.ts";
import { recorded } from "./recorded.ts";

recorded(mongodb);
