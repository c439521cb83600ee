import { nntp } from "../../lib/protocols/nntp.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(nntp);
