import { doom, quake } from "../../lib/protocols/arena.ts";
import { recorded } from "./recorded.ts";

recorded(quake);
recorded(doom);
