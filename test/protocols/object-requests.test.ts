import { objectRequests } from "../../lib/protocols/object-requests.ts";
import { recorded } from "./recorded.ts";

recorded(objectRequests);
