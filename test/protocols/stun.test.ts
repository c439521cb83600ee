import { stun } from "../../lib/protocols/stun.ts";
import { recorded } from "./recorded.ts";

recorded(stun);
