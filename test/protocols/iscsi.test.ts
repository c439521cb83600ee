import { iscsi } from "../../lib/protocols/iscsi.ts";
import { recorded } from "./recorded.ts";

recorded(iscsi);
