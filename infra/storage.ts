import { Duration, RemovalPolicy, type Stack } from "aws-cdk-lib";
import {
  type Attribute,
  AttributeType,
  Billing,
  ProjectionType,
  TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import * as topology from "./topology.ts";

/**
 * What lasts: one table and one bucket. Both are encrypted at rest, reached over TLS only, and kept when the stack goes unless the
 * operator says otherwise. The bucket is not versioned: plans and observations are written under keys that follow from their content's
 * place in the scan, so a second write is the same object, and an unversioned bucket can be emptied with one command.
 */
export interface Storage {
  table: TableV2;
  bucket: Bucket;
}

/** Plans and observations are worth keeping for re-matching, not for ever (the table's own items carry a TTL). */
const ARCHIVE_DAYS = 90;
/** Parts of an upload that never ended are paid for until somebody deletes them. */
const ABANDONED_UPLOAD_DAYS = 7;

function text(name: string): Attribute {
  return { name, type: AttributeType.STRING };
}

export function addStorage(stack: Stack, removalPolicy: RemovalPolicy): Storage {
  const { partitionKey, sortKey, ttlAttribute, indexes } = topology.table;
  const table = new TableV2(stack, "Table", {
    partitionKey: text(partitionKey),
    sortKey: text(sortKey),
    timeToLiveAttribute: ttlAttribute,
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
    removalPolicy,
    globalSecondaryIndexes: indexes.map((index) => ({
      indexName: index.name,
      partitionKey: text(index.partitionKey),
      sortKey: text(index.sortKey),
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...index.include],
    })),
  });

  const bucket = new Bucket(stack, "Bucket", {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy,
    lifecycleRules: [
      ...[
        topology.bucketPrefixes.plans,
        topology.bucketPrefixes.observations,
        topology.bucketPrefixes.packs,
      ].map((prefix) => ({
        id: `expire-${prefix.slice(0, -1)}`,
        prefix,
        expiration: Duration.days(ARCHIVE_DAYS),
      })),
      { id: "abort-uploads", abortIncompleteMultipartUploadAfter: Duration.days(ABANDONED_UPLOAD_DAYS) },
    ],
  });
  // The L2 property would bring a custom resource with a Lambda function of its own; CloudFormation can do it plainly.
  (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };
  return { table, bucket };
}
