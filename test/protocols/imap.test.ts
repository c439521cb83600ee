import { imap } from "../../lib/protocols/imap.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(imap);
