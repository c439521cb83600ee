import { radius } from "../../lib/protocols/radius.ts";
import { recorded } from "./recorded.ts";

recorded(radius);
