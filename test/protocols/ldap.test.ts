import { ldap } from "../../lib/protocols/ldap.ts";
import { recorded } from "./recorded.ts";

recorded(ldap);
