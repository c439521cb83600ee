import { sunrpc } from "../../lib/protocols/sunrpc.ts";
import { recorded } from "./recorded.ts";

recorded(sunrpc);
