import { gemini } from "../../lib/protocols/gemini.ts";
import { recorded } from "./recorded.ts";

recorded(gemini);
