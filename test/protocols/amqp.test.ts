import { amqp } from "../../lib/protocols/amqp.ts";
import { recorded } from "./recorded.ts";

recorded(amqp);
