import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

export interface Invocation {
  /** The function threw: the payload says what. */
  failed: boolean;
  payload: unknown;
}

/** Invokes a function and waits for its answer. `region`: absent, that of the environment. */
export async function invokeFunction(name: string, event: unknown, region?: string): Promise<Invocation> {
  const client = new LambdaClient(region === undefined ? {} : { region });
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }),
  );
  const text = Payload?.transformToString() ?? "";
  return { failed: FunctionError !== undefined, payload: text ? JSON.parse(text) : null };
}
