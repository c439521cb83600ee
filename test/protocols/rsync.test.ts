import { rsync } from "../../lib/protocols/rsync.ts";
import { recorded } from "./recorded.ts";

recorded(rsync);
