import { rtmp } from "../../lib/protocols/rtmp.ts";
import { recorded } from "./recorded.ts";

recorded(rtmp);
