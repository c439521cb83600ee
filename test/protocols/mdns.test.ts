import { mdns } from "../../lib/protocols/mdns.ts";
import { recorded } from "./recorded.ts";

recorded(mdns);
