import { quic } from "../../lib/protocols/quic.ts";
import { recorded } from "./recorded.ts";

recorded(quic);
