import { luanti } from "../../lib/protocols/arena.ts";
import { recorded } from "./recorded.ts";

recorded(luanti);
