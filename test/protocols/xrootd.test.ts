import { xrootd } from "../../lib/protocols/xrootd.ts";
import { recorded } from "./recorded.ts";

recorded(xrootd);
