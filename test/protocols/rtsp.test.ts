import { rtsp } from "../../lib/protocols/rtsp.ts";
import { describeVectors } from "./text-vectors.ts";

describeVectors(rtsp);
