import { gpsd } from "../../lib/protocols/gpsd.ts";
import { recorded } from "./recorded.ts";

recorded(gpsd);
