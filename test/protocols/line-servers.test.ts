import { lineServers } from "../../lib/protocols/line-servers.ts";
import { recorded } from "./recorded.ts";

for (const { protocol } of lineServers) recorded(protocol);
