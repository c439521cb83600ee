import { nats } from "../../lib/protocols/nats.ts";
import { recorded } from "./recorded.ts";

recorded(nats);
