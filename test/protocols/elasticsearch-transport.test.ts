import { elasticsearchTransport } from "../../lib/protocols/elasticsearch-transport.ts";
import { recorded } from "./recorded.ts";

recorded(elasticsearchTransport);
