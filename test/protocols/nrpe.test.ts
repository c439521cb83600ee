import { nrpe } from "../../lib/protocols/nrpe.ts";
import { recorded } from "./recorded.ts";

recorded(nrpe);
