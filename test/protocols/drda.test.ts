import { drda } from "../../lib/protocols/drda.ts";
import { recorded } from "./recorded.ts";

recorded(drda);
