import { fastcgi } from "../../lib/protocols/fastcgi.ts";
import { recorded } from "./recorded.ts";

recorded(fastcgi);
