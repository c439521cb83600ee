/**
 * The stores behind the local cloud, with everything on disk: dynalite (DynamoDB over LevelDB) and fauxqs (SQS and S3 over SQLite). They
 * never listen themselves; `server.ts` hands them requests that it has checked. What `topology.ts` names is created where it is missing.
 *
 * fauxqs is taken apart where its own start would not do (four traps): it would bind 0.0.0.0, name queues by a host that may not
 * resolve, fail on ChangeMessageVisibility(0) with persistence, and count expired messages as in flight.
 */
import { existsSync, mkdirSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { buildApp } from "fauxqs";
import {
  deadLetterRetentionSeconds,
  deadLetterVisibilitySeconds,
  type QueueName,
  queues,
} from "../topology.ts";
import { BUCKET, queueArn, queueFullName, queueNames, queueUrl, REGION } from "./identity.ts";

type FauxqsStores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>["stores"]>;
type SqsStore = FauxqsStores["sqsStore"];
type S3Store = FauxqsStores["s3Store"];
type Persistence = NonNullable<SqsStore["persistence"]>;

/** An object that has just been written to the bucket. */
export interface StoredObject {
  bucket: string;
  key: string;
  size: number;
  /** Without quotes. */
  etag: string;
  reason: "PutObject" | "CompleteMultipartUpload";
}

export interface MessagesAndObjects {
  listener: RequestListener;
  close(): Promise<void>;
}

/** Longest that SQS takes (AWS: 12 hours), seconds. */
const MAX_VISIBILITY_SECONDS = 43_200;

/**
 * Opens DynamoDB's stand-in over `directory`. It has no close: LevelDB hands every write to the system before it is acknowledged, and closes
 * with the process.
 */
export async function openDynamo(directory: string): Promise<RequestListener> {
  const { default: dynalite } = await import("dynalite");
  const server = dynalite({ path: directory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const [listener] = server.listeners("request");
  if (listener === undefined) throw new Error("dynalite has no request listener");
  return listener as RequestListener;
}

/** Opens SQS' and S3's stand-in over `directory`; all queues and the bucket exist afterwards, and no message is in flight. */
export async function openMessagesAndObjects(
  directory: string,
  endpoint: string,
  timeScale: number,
  onObject: (object: StoredObject) => void,
): Promise<MessagesAndObjects> {
  const modules = await fauxqsModules();
  const sqsStore = new modules.SqsStore();
  const snsStore = new modules.SnsStore();
  const s3Store = new modules.S3Store();

  mkdirSync(directory, { recursive: true });
  const file = join(directory, "fauxqs.db");
  if (existsSync(file)) returnInFlight(file, endpoint);
  const persistence = new modules.PersistenceManager(directory);
  repair(persistence);
  // As fauxqs does: load first, then attach, or loading would write.
  persistence.load(sqsStore, snsStore, s3Store);
  sqsStore.persistence = persistence;
  s3Store.persistence = persistence;
  for (const queue of sqsStore.allQueues()) queue.persistence = persistence;

  createQueues(sqsStore, endpoint, timeScale);
  s3Store.createBucket(BUCKET);
  watchObjects(s3Store, onObject);

  const app = modules.buildApp({
    logger: false,
    defaultRegion: REGION,
    stores: { sqsStore, snsStore, s3Store },
  });
  // A typed `string` that must be empty: without it queue URLs carry the address that the client used (trap 2).
  (sqsStore as { host: string | undefined }).host = undefined;
  app.addHook("onRequest", async (request) => {
    // Without this, counts leave out messages whose visibility has run out (trap 4).
    if (request.headers["x-amz-target"] === "AmazonSQS.GetQueueAttributes") sqsStore.processAllTimers();
  });
  await app.ready();
  return {
    listener: (request, response) => app.routing(request, response),
    async close() {
      await app.close();
      persistence.close();
    },
  };
}

/** With the parts that fauxqs does not export by name; pinned to the version in package.json. The build takes all of it into the bundle. */
async function fauxqsModules() {
  const [main, sqs, sns, s3, persistence] = await Promise.all([
    import("fauxqs"),
    import("../../node_modules/fauxqs/dist/sqs/sqsStore.js"),
    import("../../node_modules/fauxqs/dist/sns/snsStore.js"),
    import("../../node_modules/fauxqs/dist/s3/s3Store.js"),
    import("../../node_modules/fauxqs/dist/persistence.js"),
  ]);
  return { ...main, ...sqs, ...sns, ...s3, ...persistence };
}

/**
 * Messages that were in flight when the last owner ended are visible again: their consumers are dead. That delivery is taken back from the
 * receive count, or three interruptions would dead-letter a message that never failed. Queue URLs get the new port.
 */
function returnInFlight(file: string, endpoint: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec(
      `UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL,
         approximate_receive_count = MAX(0, approximate_receive_count - 1)
       WHERE receipt_handle IS NOT NULL`,
    );
    const setUrl = database.prepare("UPDATE sqs_queues SET url = ? WHERE name = ?");
    for (const queue of queueNames) {
      for (const dead of [false, true])
        setUrl.run(queueUrl(endpoint, queue, dead), queueFullName(queue, dead));
    }
  } finally {
    database.close();
  }
}

function repair(persistence: Persistence): void {
  const { db } = persistence as unknown as { db: DatabaseSync };
  // With the write-ahead log this survives the death of the process, if not of the machine, and saves a disk flush for every message.
  db.exec("PRAGMA synchronous = NORMAL");
  const ready = db.prepare(
    "UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?",
  );
  // Its own statement also clears the receive count, which may not be null (trap 3).
  persistence.updateMessageReady = (messageId) => void ready.run(messageId);
}

function createQueues(store: SqsStore, endpoint: string, timeScale: number): void {
  const ensure = (queue: QueueName, deadLetters: boolean, attributes: Record<string, string>) => {
    const name = queueFullName(queue, deadLetters);
    const existing = store.getQueueByName(name);
    if (existing !== undefined) existing.setAttributes(attributes);
    else
      store.createQueue(
        name,
        queueUrl(endpoint, queue, deadLetters),
        queueArn(queue, deadLetters),
        attributes,
      );
  };
  // Whole seconds, as SQS has them; the poller asks for the exact scaled time.
  const visibility = (seconds: number) =>
    String(Math.min(MAX_VISIBILITY_SECONDS, Math.ceil(seconds / timeScale)));
  for (const queue of queueNames) {
    const { visibilitySeconds, maxReceiveCount, retentionSeconds } = queues[queue];
    ensure(queue, true, {
      VisibilityTimeout: visibility(deadLetterVisibilitySeconds),
      MessageRetentionPeriod: String(deadLetterRetentionSeconds),
    });
    ensure(queue, false, {
      VisibilityTimeout: visibility(visibilitySeconds),
      MessageRetentionPeriod: String(retentionSeconds),
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(queue, true), maxReceiveCount }),
    });
  }
}

function watchObjects(store: S3Store, onObject: (object: StoredObject) => void): void {
  const put = store.putObject.bind(store);
  const complete = store.completeMultipartUpload.bind(store);
  const stored = (bucket: string, object: ReturnType<typeof put>, reason: StoredObject["reason"]) => {
    const { key, contentLength, etag } = object;
    onObject({ bucket, key, size: contentLength, etag: etag.replaceAll('"', ""), reason });
    return object;
  };
  store.putObject = (bucket, ...rest) => stored(bucket, put(bucket, ...rest), "PutObject");
  // A finished upload does not say its bucket; there is only the one.
  store.completeMultipartUpload = (...args) => stored(BUCKET, complete(...args), "CompleteMultipartUpload");
}
