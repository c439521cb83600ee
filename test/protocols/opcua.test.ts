import { opcua } from "../../lib/protocols/opcua.ts";
import { recorded } from "./recorded.ts";

recorded(opcua);
