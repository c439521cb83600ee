import { ident } from "../../lib/protocols/ident.ts";
import { recorded } from "./recorded.ts";

recorded(ident);
