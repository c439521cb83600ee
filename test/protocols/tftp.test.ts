import { tftp } from "../../lib/protocols/tftp.ts";
import { recorded } from "./recorded.ts";

recorded(tftp);
