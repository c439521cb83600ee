import { dnsdistConsole } from "../../lib/protocols/dnsdist-console.ts";
import { recorded } from "./recorded.ts";

recorded(dnsdistConsole);
