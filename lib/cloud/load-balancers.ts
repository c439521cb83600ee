/**
 * Elastic Load Balancing, query protocol: application, network and gateway balancers under one version of it, classic ones under another. A balancer
 * answers at its listeners' ports and nowhere else.
 */
import * as z from "zod";
import { EnvironmentError } from "../model/errors.ts";
import type { AccountName } from "./account-names.ts";
import { type Ask, pages, type Question, readXml, xmlList } from "./ask.ts";

const PUBLIC = "internet-facing";
/** Balancers whose listeners are asked for at once. */
const SIDE_BY_SIDE = 4;
const balancing = (version: string, Action: string, more: Question["parameters"]): Question => ({
  service: "elasticloadbalancing",
  endpointId: version === V2 ? "ELASTIC_LOAD_BALANCING_V2" : "ELASTIC_LOAD_BALANCING",
  method: "POST",
  path: "/",
  parameters: { Action, Version: version, ...more },
});
const V2 = "2015-12-01";
const CLASSIC = "2012-06-01";

const balancersSchema = z.object({
  DescribeLoadBalancersResult: z.object({
    LoadBalancers: xmlList(
      "member",
      z.object({
        LoadBalancerArn: z.string(),
        DNSName: z.string().optional(),
        Scheme: z.string().optional(),
      }),
    ),
    NextMarker: z.string().optional(),
  }),
});
const listenersSchema = z.object({
  DescribeListenersResult: z.object({
    Listeners: xmlList(
      "member",
      z.object({ Port: z.coerce.number().optional(), Protocol: z.string().optional() }),
    ),
    NextMarker: z.string().optional(),
  }),
});

export async function loadBalancers(ask: Ask): Promise<AccountName[]> {
  const read = async (Marker: string | undefined) =>
    readXml(await ask(balancing(V2, "DescribeLoadBalancers", { Marker })), balancersSchema)
      .DescribeLoadBalancersResult;
  const all = (await pages(read, (page) => page.NextMarker)).flatMap((page) => page.LoadBalancers);
  const open = all.flatMap(({ LoadBalancerArn, DNSName, Scheme }) =>
    DNSName && Scheme === PUBLIC ? [{ resource: LoadBalancerArn, name: DNSName }] : [],
  );
  const found: AccountName[] = [];
  for (let from = 0; from < open.length; from += SIDE_BY_SIDE)
    found.push(
      ...(await Promise.all(
        open.slice(from, from + SIDE_BY_SIDE).map(async ({ name, resource }) => ({
          ...{ name, resource, home: name, kind: "load balancer" },
          ports: await listenerPorts(ask, resource),
        })),
      )),
    );
  return found;
}

async function listenerPorts(ask: Ask, LoadBalancerArn: string): Promise<string> {
  const read = async (Marker: string | undefined) =>
    readXml(await ask(balancing(V2, "DescribeListeners", { LoadBalancerArn, Marker })), listenersSchema)
      .DescribeListenersResult;
  const found = await pages(read, (page) => page.NextMarker).catch((error: unknown) => {
    // Deleted since it was listed.
    if (error instanceof EnvironmentError && /LoadBalancerNotFound/.test(error.message)) return [];
    throw error;
  });
  const listeners = found.flatMap((page) => page.Listeners);
  return portsText(
    listeners.flatMap(({ Port, Protocol = "" }) =>
      Port === undefined ? [] : transportsOf(Protocol).map((transport) => ({ transport, port: Port })),
    ),
  );
}

/** Listeners' protocols that are not TCP, or not TCP alone (ELB API reference, Listener). */
function transportsOf(protocol: string): ("T" | "U")[] {
  if (protocol === "UDP" || protocol === "QUIC") return ["U"];
  return protocol === "TCP_UDP" || protocol === "TCP_QUIC" ? ["T", "U"] : ["T"];
}

function portsText(ports: readonly { transport: "T" | "U"; port: number }[]): string {
  return [...new Set(ports.map(({ transport, port }) => `${transport}:${port}`))].join(",");
}

const classicSchema = z.object({
  DescribeLoadBalancersResult: z.object({
    LoadBalancerDescriptions: xmlList(
      "member",
      z.object({
        LoadBalancerName: z.string(),
        DNSName: z.string().optional(),
        Scheme: z.string().optional(),
        ListenerDescriptions: xmlList(
          "member",
          z.object({ Listener: z.object({ LoadBalancerPort: z.coerce.number() }) }),
        ),
      }),
    ),
    NextMarker: z.string().optional(),
  }),
});

export async function classicLoadBalancers(ask: Ask): Promise<AccountName[]> {
  const read = async (Marker: string | undefined) =>
    readXml(await ask(balancing(CLASSIC, "DescribeLoadBalancers", { Marker })), classicSchema)
      .DescribeLoadBalancersResult;
  const all = (await pages(read, (page) => page.NextMarker)).flatMap((page) => page.LoadBalancerDescriptions);
  return all.flatMap(({ DNSName, Scheme, LoadBalancerName, ListenerDescriptions }) => {
    if (!DNSName || Scheme !== PUBLIC) return [];
    const ports = ListenerDescriptions.map(({ Listener }) => ({
      transport: "T" as const,
      port: Listener.LoadBalancerPort,
    }));
    const kind = "classic load balancer";
    return [{ name: DNSName, resource: LoadBalancerName, kind, home: DNSName, ports: portsText(ports) }];
  });
}
