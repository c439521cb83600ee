/**
 * A scan that runs in AWS, as the command line sees it: the stack's own table, queues, bucket and dispatcher, under the caller's credentials. What is
 * done with them is the same as with the local cloud's; but nothing here ends when this process does.
 */
import { explainAws } from "../cloud/explain.ts";
import { openConfigured } from "../cloud/index.ts";
import { invokeFunction } from "../cloud/lambda.ts";
import { readStack } from "../cloud/stack.ts";
import { DoorplateError, EnvironmentError } from "../model/errors.ts";
import { VERSION } from "../model/version.ts";
import type { Session } from "./session.ts";
import type { StackChoice } from "./workspace.ts";

/** Time between two looks at the ledger, ms: each is a request or two to DynamoDB that somebody pays for. */
const LOOK_MS = 1_000;

/** The AWS CLI's variable counts, too, which the SDK does not know. */
const regionOf = ({ region }: StackChoice, environment: NodeJS.ProcessEnv) =>
  region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? null;

/** @throws EnvironmentError when the stack cannot be found, read, or worked with */
export async function openStackSession(
  choice: StackChoice,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Session> {
  const asked = regionOf(choice, environment);
  const placed = (region: string | null) => `the stack ${choice.name}${region ? ` in ${region}` : ""}`;
  const stack = await readStack(choice.name, asked, VERSION).catch((error: unknown) => {
    throw explainAws(error, placed(asked)) ?? error;
  });
  const { region, dispatcher, configuration } = stack;
  const where = placed(region);
  const again = (command: string, scanId: string) =>
    `doorplate ${command} ${scanId} --cloud ${choice.name} --region ${region}`;
  let accepted = false;
  return {
    cloud: openConfigured(configuration, region),
    async dispatch(request) {
      const answer = await invokeFunction(dispatcher, request, region);
      accepted = !answer.failed;
      return answer;
    },
    lookMs: LOOK_MS,
    words: {
      where,
      unplanned: (scanId) => `there is no scan ${scanId} in ${where}`,
      interrupted: (scanId) =>
        `interrupted; the scan runs on in ${where}. Follow it with: ${again("resume", scanId)}; call it off with: ${again("cancel", scanId)}`,
    },
    explain(error, scanId) {
      const explained = error instanceof DoorplateError ? null : explainAws(error, where);
      if (!explained || !accepted) return explained ?? error;
      const message = `${explained.message}. The scan runs on: ${again("resume", scanId)}`;
      return new EnvironmentError(message, { cause: error });
    },
    ended: new Promise(() => undefined),
    stop: async () => undefined,
  };
}
