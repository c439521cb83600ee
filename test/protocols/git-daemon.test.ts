import { gitDaemon } from "../../lib/protocols/git-daemon.ts";
import { recorded } from "./recorded.ts";

recorded(gitDaemon);
