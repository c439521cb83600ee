import { l2tp } from "../../lib/protocols/l2tp.ts";
import { recorded } from "./recorded.ts";

recorded(l2tp);
