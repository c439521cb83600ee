import { smb } from "../../lib/protocols/smb.ts";
import { recorded } from "./recorded.ts";

recorded(smb);
