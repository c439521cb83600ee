import { minecraft } from "../../lib/protocols/minecraft.ts";
import { recorded } from "./recorded.ts";

recorded(minecraft);
