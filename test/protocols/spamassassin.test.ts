import { spamassassin } from "../../lib/protocols/spamassassin.ts";
import { recorded } from "./recorded.ts";

recorded(spamassassin);
