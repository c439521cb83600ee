import { kafka } from "../../lib/protocols/kafka.ts";
import { recorded } from "./recorded.ts";

recorded(kafka);
