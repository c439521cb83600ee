import { sip } from "../../lib/protocols/sip.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(sip);
