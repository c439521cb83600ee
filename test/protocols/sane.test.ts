import { sane } from "../../lib/protocols/sane.ts";
import { recorded } from "./recorded.ts";

recorded(sane);
