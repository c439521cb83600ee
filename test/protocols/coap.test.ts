import { coap } from "../../lib/protocols/coap.ts";
import { recorded } from "./recorded.ts";

recorded(coap);
