import { freeciv } from "../../lib/protocols/freeciv.ts";
import { recorded } from "./recorded.ts";

recorded(freeciv);
