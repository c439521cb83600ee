import { irc } from "../../lib/protocols/irc.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(irc);
