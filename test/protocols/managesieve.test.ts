import { managesieve } from "../../lib/protocols/managesieve.ts";
import { recorded } from "./recorded.ts";

recorded(managesieve);
