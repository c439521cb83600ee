import { gqtp } from "../../lib/protocols/gqtp.ts";
import { recorded } from "./recorded.ts";

recorded(gqtp);
