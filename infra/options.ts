import { join } from "node:path";
import * as z from "zod";

/**
 * What an operator may choose at synthesis, with `cdk deploy -c name=value` or under `context` in `cdk.json`. Read once, here; everything
 * else comes from `topology.ts`. None of it is secret: all of it ends up in the template.
 */
const optionsSchema = z.strictObject({
  /** Name of the CloudFormation stack, and so of the queues: letters, digits and hyphens (queue names take 80 characters in all). */
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,49}$/, "1 to 50 letters, digits and hyphens, starting with a letter")
    .default("Doorplate"),
  /** What becomes of table, bucket and logs when the stack is deleted. */
  removalPolicy: z.enum(["retain", "destroy"]).default("retain"),
  /** An SNS topic that hears of alarms; without it they are only seen in CloudWatch. */
  alarmTopicArn: z
    .string()
    .regex(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$/, "the ARN of an SNS topic")
    .optional(),
  /** Default of the stack's parameter `Scope`. */
  scope: z
    .string()
    .regex(/^[0-9A-Za-z.:/_*, -]*$/, "CIDRs and domains, separated by spaces or commas")
    .default(""),
  /** Whether the account's own public addresses may be scanned beside the scope: `own` (of the stack's region), `off`, or regions. */
  inventory: z
    .string()
    .regex(
      /^(own|off|[a-z]{2}(-[a-z]+)+-\d(,? [a-z]{2}(-[a-z]+)+-\d)*)$/,
      "own, off, or regions separated by spaces",
    )
    .default("own"),
  /** Folder of the bundles, one folder per function: set it to deploy a build that was made elsewhere. */
  bundles: z
    .string()
    .min(1)
    .default(join(import.meta.dirname, "..", "dist", "functions")),
});
export type DeployOptions = z.infer<typeof optionsSchema>;

/** Reads the options through `context(name)`, which gives undefined where nothing was set. Throws with the name of the wrong one. */
export function readOptions(context: (name: string) => unknown): DeployOptions {
  const given = Object.keys(optionsSchema.shape)
    .map((name) => [name, context(name)] as const)
    .filter(([, value]) => value !== undefined);
  const parsed = optionsSchema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw new Error(`context (-c name=value): ${wrong}`);
}
