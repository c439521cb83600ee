import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { InputError } from "../model/errors.ts";
import { count } from "./tally.ts";

/** The bucket: plans, observations, target lists. */
export interface Archive {
  /** Gzipped JSON. */
  putJson(key: string, value: unknown): Promise<void>;
  /** Null when there is no such object. @throws InputError when it is something else */
  getJson(key: string): Promise<unknown>;
  /** Keys that start so, in order. */
  list(prefix: string): AsyncGenerator<string>;
  /** Bytes as they are. */
  putBytes(key: string, bytes: Uint8Array): Promise<void>;
  /** Null when there is no such object. @throws InputError when it is larger than `maxBytes` */
  getBytes(key: string, maxBytes: number): Promise<Uint8Array | null>;
  /** Text of an object that somebody else wrote, latin1-safe UTF-8. @throws InputError when it is larger than `maxBytes` */
  getText(key: string, maxBytes: number): Promise<string>;
}

export function openArchive(client: S3Client, bucket: string): Archive {
  /** S3 may say no more than "Access Denied": what was asked for goes with it. */
  const named = (error: unknown, action: string, key: string) =>
    error instanceof S3ServiceException
      ? Object.assign(error, { action, resource: `${bucket}/${key}` })
      : error;
  const read = async (key: string) => {
    count({ bucketReads: 1 });
    try {
      return await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw named(error, "s3:GetObject", key);
    }
  };
  const write = async (key: string, object: Omit<PutObjectCommandInput, "Bucket" | "Key">) => {
    count({ bucketWrites: 1 });
    try {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, ...object }));
    } catch (error) {
      throw named(error, "s3:PutObject", key);
    }
  };
  return {
    async putJson(key, value) {
      const Body = await promisify(gzip)(JSON.stringify(value));
      await write(key, { Body, ContentType: "application/json", ContentEncoding: "gzip" });
    },
    async getJson(key) {
      const object = await read(key);
      const bytes = await object?.Body?.transformToByteArray();
      if (!bytes) return null;
      try {
        return JSON.parse((await promisify(gunzip)(bytes)).toString());
      } catch (error) {
        throw new InputError(`${key} is not JSON in gzip (${error instanceof Error && error.message})`, key);
      }
    },
    async *list(prefix) {
      let token: string | undefined;
      do {
        count({ bucketWrites: 1 });
        const page = await client
          .send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }))
          .catch((error: unknown) => {
            throw named(error, "s3:ListBucket", prefix);
          });
        for (const { Key } of page.Contents ?? []) if (Key) yield Key;
        token = page.NextContinuationToken;
      } while (token);
    },
    async putBytes(key, bytes) {
      await write(key, { Body: bytes, ContentType: "application/octet-stream" });
    },
    async getBytes(key, maxBytes) {
      const object = await read(key);
      if (!object?.Body) return null;
      refuseLarge(key, object.ContentLength, maxBytes);
      return object.Body.transformToByteArray();
    },
    async getText(key, maxBytes) {
      const object = await read(key);
      if (!object?.Body) throw new InputError(`There is no object ${key} in the bucket`, key);
      refuseLarge(key, object.ContentLength, maxBytes);
      return object.Body.transformToString();
    },
  };
}

function refuseLarge(key: string, bytes: number | undefined, maxBytes: number): void {
  if ((bytes ?? 0) <= maxBytes) return;
  throw new InputError(`${key} has ${bytes} bytes; at most ${maxBytes} are read`, key);
}
