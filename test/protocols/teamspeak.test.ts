import { teamspeak } from "../../lib/protocols/teamspeak.ts";
import { recorded } from "./recorded.ts";

recorded(teamspeak);
