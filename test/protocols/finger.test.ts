import { finger } from "../../lib/protocols/finger.ts";
import { recorded } from "./recorded.ts";

recorded(finger);
