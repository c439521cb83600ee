import { socks5 } from "../../lib/protocols/socks5.ts";
import { recorded } from "./recorded.ts";

recorded(socks5);
