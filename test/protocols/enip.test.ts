import { enip } from "../../lib/protocols/enip.ts";
import { recorded } from "./recorded.ts";

recorded(enip);
