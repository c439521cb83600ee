import { epmd } from "../../lib/protocols/epmd.ts";
import { recorded } from "./recorded.ts";

recorded(epmd);
