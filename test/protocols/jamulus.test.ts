import { jamulus } from "../../lib/protocols/jamulus.ts";
import { recorded } from "./recorded.ts";

recorded(jamulus);
