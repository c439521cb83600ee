import { bacnet } from "../../lib/protocols/bacnet.ts";
import { recorded } from "./recorded.ts";

recorded(bacnet);
