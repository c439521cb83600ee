import { wsDiscovery } from "../../lib/protocols/ws-discovery.ts";
import { recorded } from "./recorded.ts";

recorded(wsDiscovery);
