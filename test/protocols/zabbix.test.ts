import { zabbix } from "../../lib/protocols/zabbix.ts";
import { recorded } from "./recorded.ts";

recorded(zabbix);
