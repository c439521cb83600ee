import { nbd } from "../../lib/protocols/nbd.ts";
import { recorded } from "./recorded.ts";

recorded(nbd);
