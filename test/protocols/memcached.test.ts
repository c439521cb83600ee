import { memcached } from "../../lib/protocols/memcached.ts";
import { recorded } from "./recorded.ts";

recorded(memcached);
