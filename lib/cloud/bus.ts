import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { chunks, count } from "./tally.ts";

/** The project's event bus. */
export interface Bus {
  put(detailType: string, detail: Record<string, unknown>): Promise<void>;
}

const SOURCE = "doorplate";

export function openBus(client: EventBridgeClient, name: string): Bus {
  return {
    async put(detailType, detail) {
      const Detail = JSON.stringify(detail);
      count({ events: chunks(Buffer.byteLength(Detail)) });
      const { FailedEntryCount, Entries } = await client.send(
        new PutEventsCommand({
          Entries: [{ EventBusName: name, Source: SOURCE, DetailType: detailType, Detail }],
        }),
      );
      if (FailedEntryCount) throw new Error(`EventBridge refused the event: ${Entries?.[0]?.ErrorMessage}`);
    },
  };
}
