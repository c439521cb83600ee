import { pptp } from "../../lib/protocols/pptp.ts";
import { recorded } from "./recorded.ts";

recorded(pptp);
