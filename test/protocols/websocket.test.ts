import { websocket } from "../../lib/protocols/websocket.ts";
import { recorded } from "./recorded.ts";

recorded(websocket);
