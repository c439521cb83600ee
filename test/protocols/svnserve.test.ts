import { svnserve } from "../../lib/protocols/svnserve.ts";
import { recorded } from "./recorded.ts";

recorded(svnserve);
