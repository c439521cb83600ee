import { firebird } from "../../lib/protocols/firebird.ts";
import { recorded } from "./recorded.ts";

recorded(firebird);
