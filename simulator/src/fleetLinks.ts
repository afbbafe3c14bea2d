import { API_TOKEN_METADATA, loadFleetPackage } from "@greenlane/contracts";
import { type Client, credentials, Metadata } from "@grpc/grpc-js";
import { CarLink } from "./carLink.ts";
import { GatewayLink } from "./gatewayLink.ts";
import type { LinkCounts, ReportLink } from "./reportLink.ts";

/** Clients of one target share a connection otherwise. */
export const OWN_CONNECTION = { "grpc.use_local_subchannel_pool": 1 };

export interface FleetLinksOptions {
  target: string;
  token: string;
  connections: number;
  /** Whether the cars of a connection speak through one gateway, in place of a stream of their own each. */
  gateway: boolean;
}

export interface FleetLinks {
  clients: Client[];
  links: ReportLink[];
  ofCar: ReadonlyMap<string, ReportLink>;
}

/** The ways of a fleet's reports to ingestion; each opens its stream with its first report. */
export function openFleetLinks(
  carIds: string[],
  { target, token, connections, gateway }: FleetLinksOptions,
  counts: LinkCounts,
  onTrouble: (message: string) => void,
): FleetLinks {
  const { FleetService } = loadFleetPackage();
  const { path, responseDeserialize } = FleetService.service.StreamFleet;
  const metadata = new Metadata();
  metadata.set(API_TOKEN_METADATA, token);
  const asItIs = (batch: Buffer) => batch;
  const carsEach = Math.ceil(carIds.length / connections);
  const clients = Array.from({ length: connections }, () => {
    return new FleetService(target, credentials.createInsecure(), OWN_CONNECTION);
  });
  const gatewayOf = (client: Client) => {
    const open = () => client.makeBidiStreamRequest(path, asItIs, responseDeserialize, metadata);
    return new GatewayLink(open, carsEach, counts, onTrouble);
  };
  const carLink = (_carId: string, n: number) =>
    new CarLink(() => inTurn(clients, n).StreamTelemetry(metadata), counts, onTrouble);
  const links = gateway ? clients.map(gatewayOf) : carIds.map(carLink);
  return { clients, links, ofCar: new Map(carIds.map((carId, n) => [carId, inTurn<ReportLink>(links, n)])) };
}

function inTurn<Each>(all: Each[], n: number): Each {
  const each = all[n % all.length];
  if (each === undefined) throw new Error("there is none");
  return each;
}
