import { modbus } from "../../lib/protocols/modbus.ts";
import { recorded } from "./recorded.ts";

recorded(modbus);
