/**
 * CloudFormation's DescribeStacks on loopback, in its query protocol: one stack whose outputs lead to a local cloud. With the environment that
 * a caller's shell would have, the command line takes the two for AWS.
 */
import type { LocalCloud } from "../../infra/local/client.ts";
import { VERSION } from "../../lib/model/version.ts";
import { type AwsServer, startAwsServer } from "../cloud/aws-server.ts";

export interface StackServer extends AwsServer {
  name: string;
  region: string;
  outputs: Record<string, string>;
  /** An error instead of an answer, from now on; null: none. */
  fail(error: { status: number; code: string; message: string } | null): void;
  /** Environment of a shell that may work with the stack. */
  environment: Record<string, string>;
  /** `--cloud … --region …`. */
  flags: string[];
}

export async function startStackServer(cloud: LocalCloud, name = "Doorplate"): Promise<StackServer> {
  const outputs: Record<string, string> = {
    Version: VERSION,
    DispatcherFunctionName: "dispatcher",
    TableName: cloud.table,
    BucketName: cloud.bucket,
    BusName: cloud.bus,
    DispatchQueueUrl: cloud.queues.dispatch,
    ProbeQueueUrl: cloud.queues.probe,
    ObservationQueueUrl: cloud.queues.observation,
    TickQueueUrl: cloud.queues.tick,
    DashboardName: "not of interest",
  };
  let failure: { status: number; code: string; message: string } | null = null;
  const server = await startAwsServer((_, body) => {
    const form = new URLSearchParams(body);
    const missing = {
      status: 400,
      code: "ValidationError",
      message: `Stack with id ${form.get("StackName")} does not exist`,
    };
    const error = failure ?? (form.get("StackName") === name ? null : missing);
    return error
      ? { status: error.status, text: errorXml(error) }
      : { status: 200, text: stackXml(name, outputs) };
  });
  const shell = Object.entries(cloud.environment).filter(
    ([variable]) => variable.startsWith("AWS_") && variable !== "AWS_REGION",
  );
  return Object.assign(server, {
    name,
    region: cloud.region,
    outputs,
    fail(error: typeof failure) {
      failure = error;
    },
    environment: {
      ...Object.fromEntries(shell),
      AWS_ENDPOINT_URL_CLOUDFORMATION: server.endpoint,
    },
    flags: ["--cloud", name, "--region", cloud.region],
  });
}

const NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/";

const errorXml = ({ code, message }: { code: string; message: string }) =>
  `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;

function stackXml(name: string, outputs: Record<string, string>): string {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<DescribeStacksResponse xmlns="${NAMESPACE}"><DescribeStacksResult><Stacks><member>
    <StackId>arn:aws:cloudformation:us-east-1:000000000000:stack/${name}/1</StackId><StackName>${name}</StackName>
    <CreationTime>2026-01-01T00:00:00.000Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus>
    <Outputs>${members.join("")}</Outputs>
  </member></Stacks></DescribeStacksResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeStacksResponse>`;
}
