import { redis } from "../../lib/protocols/redis.ts";
import { recorded } from "./recorded.ts";

recorded(redis);
