import { openvpn } from "../../lib/protocols/openvpn.ts";
import { recorded } from "./recorded.ts";

recorded(openvpn);
