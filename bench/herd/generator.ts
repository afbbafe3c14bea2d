/** The load generator of `make herd`: a process of its own, so that what it costs is told apart. */
import { setTimeout as sleep } from "node:timers/promises";
import { API_TOKEN_METADATA, loadFleetPackage, type NegotiationServiceClient } from "@greenlane/contracts";
import { credentials, Metadata } from "@grpc/grpc-js";
import { CHANNEL } from "../channel.ts";
import { Depot } from "./depot.ts";
import type { Order, Report } from "./generatorMessages.ts";
import { HerdCar, nowMs } from "./herdCar.ts";

/** Cars that share a stream, at the most. */
const CARS_A_DEPOT = 50;
/** Streams to each process, at the least. */
const LEAST_DEPOTS = 2;
/** Connections to each process. */
const CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 10_000;
const POLL_MS = 5;
const REMIND_MS = 1_000;

/** A herd that is about to ask. */
interface Herd {
  clients: NegotiationServiceClient[];
  depots: Depot[];
  cars: HerdCar[];
}

let herd: Herd | undefined;

async function prepare({ cars, wish, targets, token }: Extract<Order, { kind: "prepare" }>): Promise<Herd> {
  const { NegotiationService } = loadFleetPackage();
  const open = (target: string) => new NegotiationService(target, credentials.createInsecure(), CHANNEL);
  /** Each a connection to every process. */
  const sets = Array.from({ length: CONNECTIONS }, () => targets.map(open));
  const metadata = new Metadata();
  metadata.set(API_TOKEN_METADATA, token);
  const count = Math.max(Math.ceil(cars.length / CARS_A_DEPOT), Math.min(cars.length, LEAST_DEPOTS * targets.length));
  const depots = Array.from({ length: count }, (_, n) => {
    return new Depot(sets[Math.floor(n / targets.length) % CONNECTIONS] ?? [], n, metadata);
  });
  const all = cars.map((car, n) => {
    const depot = depots[n % count] as Depot;
    const made = new HerdCar(car, wish, (message) => depot.say(message));
    depot.cars.set(car.carId, made);
    return made;
  });
  const clients = sets.flat();
  await Promise.all(clients.map(connected));
  for (const depot of depots) depot.open();
  return { clients, depots, cars: all };
}

function connected(client: NegotiationServiceClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + CONNECT_TIMEOUT_MS, (error) => (error ? reject(error) : resolve()));
  });
}

async function askAll(
  { clients, depots, cars }: Herd,
  { perSecond, patient, limitMs }: Extract<Order, { kind: "ask" }>,
): Promise<Report> {
  const askedAtMs = nowMs();
  tell({ kind: "asking", askedAtMs });
  let asked = 0;
  const askThoseDue = () => {
    const due = perSecond === 0 ? cars.length : 1 + Math.floor(((nowMs() - askedAtMs) / 1_000) * perSecond);
    for (; asked < Math.min(due, cars.length); asked++) cars[asked]?.ask();
  };
  askThoseDue();
  let remindedAtMs = askedAtMs;
  const isWaiting = (car: HerdCar) => !car.isSettled && (patient || !car.isInLine);
  while (cars.some(isWaiting) && nowMs() < askedAtMs + limitMs) {
    await sleep(POLL_MS);
    askThoseDue();
    if (nowMs() - remindedAtMs < REMIND_MS) continue;
    remindedAtMs = nowMs();
    for (const car of cars.slice(0, asked)) car.remind();
  }
  for (const car of cars) car.giveUp();
  for (const depot of depots) depot.close();
  for (const client of clients) client.close();
  const streamsLost = depots.reduce((sum, depot) => sum + depot.streamsLost, 0);
  return { kind: "settled", cars: cars.map(({ record }) => record), streamsLost };
}

const tell = (report: Report) => void process.send?.(report);

process.on("message", async (order: Order) => {
  if (order.kind === "prepare") {
    herd = await prepare(order);
    tell({ kind: "prepared" });
  } else if (herd !== undefined) tell(await askAll(herd, order));
});
process.on("disconnect", () => process.exit());
