import { lpd } from "../../lib/protocols/lpd.ts";
import { recorded } from "./recorded.ts";

recorded(lpd);
