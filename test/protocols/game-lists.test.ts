import { armagetron, cube, raknet } from "../../lib/protocols/game-lists.ts";
import { recorded } from "./recorded.ts";

for (const protocol of [armagetron, cube, raknet]) recorded(protocol);
