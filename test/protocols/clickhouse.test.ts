import { clickhouse } from "../../lib/protocols/clickhouse.ts";
import { recorded } from "./recorded.ts";

recorded(clickhouse);
