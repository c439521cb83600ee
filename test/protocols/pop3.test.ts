import { pop3 } from "../../lib/protocols/pop3.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(pop3);
