import { beanstalkd } from "../../lib/protocols/beanstalkd.ts";
import { recorded } from "./recorded.ts";

recorded(beanstalkd);
