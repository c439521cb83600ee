import { munin } from "../../lib/protocols/munin.ts";
import { recorded } from "./recorded.ts";

recorded(munin);
