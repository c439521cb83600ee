import { knxnet } from "../../lib/protocols/knxnet.ts";
import { recorded } from "./recorded.ts";

recorded(knxnet);
