import { mssql } from "../../lib/protocols/mssql.ts";
import { recorded } from "./recorded.ts";

recorded(mssql);
