import { existsSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { addChecks } from "./nag.ts";
import { readOptions } from "./options.ts";
import { DoorplateStack } from "./stack.ts";
import * as topology from "./topology.ts";

// The CDK app, started by the CDK command line (`cdk.json`) and by Node itself: types are stripped, nothing is compiled.

const app = new App();
const options = readOptions((name) => app.node.tryGetContext(name));
const missing = Object.keys(topology.functions).filter(
  (name) => !existsSync(join(options.bundles, name, "index.mjs")),
);
if (missing.length > 0) {
  console.error(`no bundle in ${options.bundles} for: ${missing.join(", ")}\nrun: npm run build`);
  process.exit(1);
}
new DoorplateStack(app, options.stackName, { options });
addChecks(app);
app.synth();
