import { xdmcp } from "../../lib/protocols/xdmcp.ts";
import { recorded } from "./recorded.ts";

recorded(xdmcp);
