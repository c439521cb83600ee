import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

export interface Invocation {
  /** The function threw: the payload says what. */
  failed: boolean;
  payload: unknown;
}

/** Invokes a function and waits for its answer. */
export async function invokeFunction(name: string, event: unknown): Promise<Invocation> {
  const { FunctionError, Payload } = await new LambdaClient({}).send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }),
  );
  const text = Payload?.transformToString() ?? "";
  return { failed: FunctionError !== undefined, payload: text ? JSON.parse(text) : null };
}
