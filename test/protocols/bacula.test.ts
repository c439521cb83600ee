import { bacula } from "../../lib/protocols/bacula.ts";
import { recorded } from "./recorded.ts";

recorded(bacula);
