import { torOr } from "../../lib/protocols/tor-or.ts";
import { recorded } from "./recorded.ts";

recorded(torOr);
