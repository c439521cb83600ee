import { kerberos } from "../../lib/protocols/kerberos.ts";
import { recorded } from "./recorded.ts";

recorded(kerberos);
