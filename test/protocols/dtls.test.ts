import { dtls } from "../../lib/protocols/dtls.ts";
import { recorded } from "./recorded.ts";

recorded(dtls);
