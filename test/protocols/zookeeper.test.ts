import { zookeeper } from "../../lib/protocols/zookeeper.ts";
import { recorded } from "./recorded.ts";

recorded(zookeeper);
