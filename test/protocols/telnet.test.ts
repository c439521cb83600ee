import { telnet } from "../../lib/protocols/telnet.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(telnet);
