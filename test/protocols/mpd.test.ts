import { mpd } from "../../lib/protocols/mpd.ts";
import { recorded } from "./recorded.ts";

recorded(mpd);
