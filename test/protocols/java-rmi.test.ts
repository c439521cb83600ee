import { javaRmi } from "../../lib/protocols/java-rmi.ts";
import { recorded } from "./recorded.ts";

recorded(javaRmi);
