/** The load generator: a process of its own, so that what it costs is told apart. It does what its parent tells it. */
import { setTimeout as sleep } from "node:timers/promises";
import { API_TOKEN_METADATA } from "@greenlane/contracts";
import { obeyParent } from "../steeredProcess.ts";
import { CarVoice } from "./carVoice.ts";
import { GatewayVoice } from "./gatewayVoice.ts";
import { Http2Connection } from "./http2Connection.ts";
import { Latencies } from "./latencies.ts";
import { LoadStream, type Tally } from "./loadStream.ts";
import type { LoadAnswer, LoadCounts, LoadOrder, LoadSample, LoadShare, Pace } from "./messages.ts";

const TICK_MS = 1;
/** Of an open loop, reports that wait for answers at the most: a server that hangs is not to fill this process. */
const MAX_WAITING = 50_000;
const POLL_MS = 5;
/** Connections that are being made at once. */
const CONNECTS_AT_ONCE = 100;
const END_TIMEOUT_MS = 5_000;

const latencies = new Latencies();
const tally: Tally = { sent: 0, acked: 0, rejected: 0, wrong: 0, failed: 0, streamsLost: 0, latencies };
let connections: Http2Connection[] = [];
let streams: LoadStream[] = [];
let stopPace = () => {};
let lastMark = { atMs: 0, sent: 0, acked: 0, cpuMs: 0 };

async function open(share: LoadShare): Promise<void> {
  while (connections.length < share.connections) {
    const count = Math.min(CONNECTS_AT_ONCE, share.connections - connections.length);
    const target = (n: number) => share.targets[(connections.length + n) % share.targets.length] as string;
    const opening = Array.from({ length: count }, (_, n) => Http2Connection.open(target(n)));
    connections.push(...(await Promise.all(opening)));
  }
  const metadata = { [API_TOKEN_METADATA]: share.token };
  streams = Array.from({ length: share.streams }, (_, n) => {
    const connection = connections[n % connections.length] as Http2Connection;
    return new LoadStream(connection, voiceOf(share, n), metadata, tally);
  });
  for (const connection of connections) connection.flush();
}

function voiceOf({ carPrefix, firstCar, gateway }: LoadShare, n: number) {
  if (gateway === undefined) return new CarVoice(`${carPrefix}${firstCar + n}`, firstCar + n);
  const first = firstCar + n * gateway.cars;
  const carIds = Array.from({ length: gateway.cars }, (_, car) => `${carPrefix}${first + car}`);
  return new GatewayVoice(carIds, first, gateway.batch);
}

/** @returns what ends it */
function start(pace: Pace): () => void {
  if (pace.kind === "open") return startOpenLoop(pace.perSecond);
  const nowMs = performance.now();
  const inFlight = pace.kind === "closed" ? pace.inFlight : 1;
  for (const stream of streams) {
    if (pace.kind === "closed") stream.onAnswer = (answered, atMs) => answered.say(atMs);
    for (let n = 0; n < inFlight; n++) stream.say(nowMs);
  }
  for (const connection of connections) connection.flush();
  return () => {
    for (const stream of streams) stream.onAnswer = undefined;
  };
}

function startOpenLoop(perSecond: number): () => void {
  const { reports } = (streams[0] as LoadStream).voice;
  const periodMs = (1_000 * reports) / perSecond;
  const startedAtMs = performance.now();
  const answeredBefore = tally.acked + tally.rejected;
  let said = 0;
  const sayThoseDue = () => {
    const nowMs = performance.now();
    const touched = new Set<LoadStream>();
    const waiting = () => said * reports - (tally.acked + tally.rejected - answeredBefore);
    for (let dueAtMs = startedAtMs + said * periodMs; dueAtMs <= nowMs; dueAtMs = startedAtMs + said * periodMs) {
      if (waiting() >= MAX_WAITING) break;
      const stream = streams[said++ % streams.length] as LoadStream;
      stream.say(dueAtMs);
      touched.add(stream);
    }
    for (const stream of touched) stream.flush();
  };
  const ticking = setInterval(sayThoseDue, TICK_MS);
  return () => clearInterval(ticking);
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

function mark(): LoadSample {
  const now = { atMs: performance.now(), sent: tally.sent, acked: tally.acked, cpuMs: cpuMs() };
  const sample = {
    sent: now.sent - lastMark.sent,
    acked: now.acked - lastMark.acked,
    spanMs: now.atMs - lastMark.atMs,
    cpuMs: now.cpuMs - lastMark.cpuMs,
    latencies: latencies.counts(),
  };
  lastMark = now;
  latencies.clear();
  return sample;
}

async function stop(drainMs: number): Promise<LoadCounts> {
  stopPace();
  const deadlineMs = performance.now() + drainMs;
  while (streams.some(({ waiting }) => waiting > 0) && performance.now() < deadlineMs) await sleep(POLL_MS);
  const { sent, acked, rejected, wrong, streamsLost } = tally;
  return { sent, acked, rejected, wrong, failed: sent - acked - rejected, streamsLost };
}

async function close(): Promise<void> {
  await Promise.race([Promise.all(streams.map((stream) => stream.end())), sleep(END_TIMEOUT_MS)]);
  await Promise.all(connections.map((connection) => connection.close()));
  connections = [];
  streams = [];
}

async function obey(order: LoadOrder): Promise<LoadAnswer> {
  switch (order.kind) {
    case "open":
      await open(order.share);
      return { kind: "open" };
    case "start":
      mark();
      stopPace = start(order.pace);
      return { kind: "start" };
    case "mark":
      return { kind: "mark", sample: mark() };
    case "stop":
      return { kind: "stop", counts: await stop(order.drainMs) };
    case "close":
      await close();
      return { kind: "close" };
  }
}

obeyParent(obey);
