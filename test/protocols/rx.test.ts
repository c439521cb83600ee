import { rx } from "../../lib/protocols/rx.ts";
import { recorded } from "./recorded.ts";

recorded(rx);
