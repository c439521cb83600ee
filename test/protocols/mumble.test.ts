import { mumble } from "../../lib/protocols/mumble.ts";
import { recorded } from "./recorded.ts";

recorded(mumble);
