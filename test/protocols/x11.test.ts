import { x11 } from "../../lib/protocols/x11.ts";
import { recorded } from "./recorded.ts";

recorded(x11);
