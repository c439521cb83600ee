import { memcachedBinary } from "../../lib/protocols/memcached-binary.ts";
import { recorded } from "./recorded.ts";

recorded(memcachedBinary);
