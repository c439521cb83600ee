import { kpasswd } from "../../lib/protocols/kpasswd.ts";
import { recorded } from "./recorded.ts";

recorded(kpasswd);
