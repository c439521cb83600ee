/**
 * The only room that knows the AWS SDK. Everything above it works on four small interfaces (table, outbox, archive, bus); the
 * endpoints come from the environment (`AWS_ENDPOINT_URL_*`), so the same code talks to AWS and to the local cloud.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type Archive, openArchive } from "./archive.ts";
import { type Bus, openBus } from "./bus.ts";
import { type Configuration, configurationFrom } from "./configuration.ts";
import { type Outbox, openOutbox } from "./queue.ts";
import { openTable, type Table } from "./table.ts";

export interface Cloud {
  configuration: Configuration;
  table: Table;
  archive: Archive;
  bus: Bus;
  outbox: { dispatch: Outbox; probe: Outbox; observation: Outbox; tick: Outbox };
}

export function openCloud(environment: Record<string, string | undefined>): Cloud {
  return openConfigured(configurationFrom(environment));
}

/** `region`: absent, that of the environment or the caller's AWS configuration. */
export function openConfigured(configuration: Configuration, region?: string): Cloud {
  const options = region === undefined ? {} : { region };
  const sqs = new SQSClient(options);
  const outbox = (queue: keyof Configuration["queues"]) =>
    openOutbox(sqs, configuration.queues[queue], configuration.timeScale);
  return {
    configuration,
    table: openTable(new DynamoDBClient(options), configuration.table),
    archive: openArchive(
      new S3Client({ ...options, forcePathStyle: configuration.local }),
      configuration.bucket,
    ),
    bus: openBus(new EventBridgeClient(options), configuration.bus),
    outbox: {
      dispatch: outbox("dispatch"),
      probe: outbox("probe"),
      observation: outbox("observation"),
      tick: outbox("tick"),
    },
  };
}
