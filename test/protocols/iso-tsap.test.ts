import { isoTsap } from "../../lib/protocols/iso-tsap.ts";
import { recorded } from "./recorded.ts";

recorded(isoTsap);
