import { editorServers } from "../../lib/protocols/editor-servers.ts";
import { recorded } from "./recorded.ts";

recorded(editorServers);
