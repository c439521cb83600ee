import { varnishCli } from "../../lib/protocols/varnish-cli.ts";
import { recorded } from "./recorded.ts";

recorded(varnishCli);
