import { ike } from "../../lib/protocols/ike.ts";
import { recorded } from "./recorded.ts";

recorded(ike);
