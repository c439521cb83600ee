import { usbip } from "../../lib/protocols/usbip.ts";
import { recorded } from "./recorded.ts";

recorded(usbip);
