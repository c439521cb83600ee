import { sourceQuery } from "../../lib/protocols/source.ts";
import { recorded } from "./recorded.ts";

recorded(sourceQuery);
