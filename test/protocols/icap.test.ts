import { icap } from "../../lib/protocols/icap.ts";
import { recorded } from "./recorded.ts";

recorded(icap);
