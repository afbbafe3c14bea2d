import { randomBytes } from "node:crypto";
import { type ClientHttp2Stream, connect as connectHttp2 } from "node:http2";
import { createConnection } from "node:net";
import {
  API_TOKEN_METADATA,
  type BookingResponse__Output,
  BookingStatus,
  type CarStatus,
  loadFleetPackage,
} from "@greenlane/contracts";
import { until } from "@greenlane/testkit";
import { credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import type { Fault, FaultStage, Lifted } from "./fault.ts";
import { framed, NEGOTIATION_PATH, openRawStream, TELEMETRY_PATH } from "./rogues/rawStream.ts";
import { openRogueStream, reportOf } from "./rogues/rogueStream.ts";

const TIMES = 20;
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const LONG_ID = "x".repeat(5 * 1024 * 1024);
const LONG_IDS = 5;
const WITHIN_MS = 30_000;

const over = (found: string[], measured?: string): Lifted => ({ overAtMs: Date.now(), found, measured });
const targetOf = ({ grpcPort }: { grpcPort: number }) => `127.0.0.1:${grpcPort}`;

/** Waits for an end. @returns what is not so, in words */
async function inTime(what: string, ended: () => boolean): Promise<string[]> {
  try {
    await until(what, ended, WITHIN_MS);
    return [];
  } catch {
    return [`it is not so that ${what}`];
  }
}

/** Bytes that are no HTTP/2, and frames that are none after the preface: the connection is to be ended. */
async function garbageFrames({ ingestion, booking }: FaultStage): Promise<Lifted> {
  const sockets = [ingestion, booking].flatMap(({ grpcPort }) =>
    Array.from({ length: TIMES }, (_, n) => {
      const socket = createConnection(grpcPort, "127.0.0.1");
      socket.on("error", () => socket.destroy()).resume();
      socket.write(n % 2 === 0 ? randomBytes(10_000) : Buffer.concat([PREFACE, randomBytes(10_000)]));
      return socket;
    }),
  );
  const found = await inTime("connections with garbage are ended", () => sockets.every(({ destroyed }) => destroyed));
  for (const socket of sockets) socket.destroy();
  return over(found);
}

/** Messages in good frames that are none of the contract's: the stream is to be ended, whatever they are. */
async function garbageMessages({ ingestion, booking, token }: FaultStage): Promise<Lifted> {
  const paths = [
    { port: ingestion.grpcPort, path: TELEMETRY_PATH },
    { port: booking.grpcPort, path: NEGOTIATION_PATH },
  ];
  const open = new Set<ClientHttp2Stream>();
  const sessions = paths.map(({ port, path }) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on("error", () => session.destroy());
    for (let n = 0; n < TIMES; n++) {
      const stream = openRawStream(session, path, token);
      open.add(stream);
      // Its other half stays open: this client does not end it.
      for (const end of ["end", "close"]) stream.on(end, () => open.delete(stream));
      stream.on("error", () => stream.close()).resume();
      // Half of them say that more bytes follow than ever will.
      const bytes = randomBytes(100);
      bytes[0] = 0xff; // a field of a kind that protobuf has not
      stream.write(framed(bytes, n % 2 === 0 ? bytes.length : 0x7fff_ffff));
    }
    return session;
  });
  const found = await inTime("streams with garbage are ended", () => open.size === 0);
  for (const session of sessions) session.destroy();
  return over(found);
}

interface End {
  code: status;
  afterMs: number;
}

/** An id of 5 MB: its stream is to be ended with RESOURCE_EXHAUSTED, in both services. */
async function longIds({ ingestion, booking, token }: FaultStage): Promise<Lifted> {
  const beganAtMs = Date.now();
  const ends = { ingestion: [] as End[], booking: [] as End[] };
  const closers: (() => void)[] = [];
  const metadata = new Metadata();
  metadata.set(API_TOKEN_METADATA, token);
  const { NegotiationService } = loadFleetPackage();
  for (let n = 0; n < LONG_IDS; n++) {
    const { call, close } = openRogueStream(targetOf(ingestion), token);
    const client = new NegotiationService(targetOf(booking), credentials.createInsecure());
    const talk = client.Negotiate(metadata);
    const ended = (of: End[]) => (error: ServiceError) =>
      of.push({ code: error.code, afterMs: Date.now() - beganAtMs });
    call.on("data", () => undefined).on("error", ended(ends.ingestion));
    talk.on("data", () => undefined).on("error", ended(ends.booking));
    call.write(reportOf(LONG_ID, beganAtMs));
    talk.write({ request: { request_id: LONG_ID, car_id: LONG_ID } });
    closers.push(close, () => client.close());
  }
  const found: string[] = [];
  for (const [service, own] of Object.entries(ends)) {
    found.push(...(await inTime(`streams of ${service} with ids of 5 MB are ended`, () => own.length === LONG_IDS)));
    const others = own.filter(({ code }) => code !== status.RESOURCE_EXHAUSTED);
    if (others.length > 0)
      found.push(`${service} answered ids of 5 MB with ${others.map(({ code }) => code).join(", ")}`);
  }
  const spans = Object.entries(ends).map(([service, own]) => `${service} in ${own.at(-1)?.afterMs} ms`);
  for (const close of closers) close();
  return over(found, `ended by ${spans.join(" and ")}`);
}

const BAD: { field: string; with: CarStatus }[] = [
  { field: "latitude", with: { latitude: Number.NaN } },
  { field: "longitude", with: { longitude: Number.POSITIVE_INFINITY } },
  { field: "battery_level", with: { battery_level: Number.NaN } },
  { field: "velocity", with: { velocity: Number.NEGATIVE_INFINITY } },
  { field: "timestamp", with: { timestamp: 1 } }, // 1970
  { field: "timestamp", with: { timestamp: Date.UTC(3000, 0, 1) } },
];

/** Reports with one value that cannot be: each answer is to name it, and the good report behind it to be taken. */
async function badValues(stage: FaultStage): Promise<Lifted> {
  const answers: BookingResponse__Output[] = [];
  const { call, close } = openRogueStream(targetOf(stage.ingestion), stage.token);
  call.on("data", (answer: BookingResponse__Output) => answers.push(answer)).on("error", () => undefined);
  const nowMs = Date.now();
  const carId = `chaos-bad-values-${nowMs}`;
  const isNamed = ({ field }: (typeof BAD)[number], n: number) => {
    const [bad, good] = [answers[2 * n], answers[2 * n + 1]];
    const isRefused = bad?.status === BookingStatus.BOOKING_FAILED && bad.message.includes(field);
    return isRefused && good?.status === BookingStatus.BOOKING_UNKNOWN;
  };
  BAD.forEach(({ with: bad }, n) => {
    call.write({ ...reportOf(carId, nowMs + 2 * n), ...bad });
    call.write(reportOf(carId, nowMs + 2 * n + 1));
  });
  const found = await inTime("bad reports are answered", () => answers.length >= 2 * BAD.length);
  found.push(
    ...BAD.filter((bad, n) => !isNamed(bad, n)).map(({ field }) => `a bad ${field} was not answered by its name`),
  );
  close();
  const stored = async () => {
    const { rows } = await stage.database.query<{ stored: number }>(
      "SELECT count(*)::int AS stored FROM telemetry WHERE car_id = $1",
      [carId],
    );
    return rows[0]?.stored ?? 0;
  };
  await until("the good reports are stored", async () => (await stored()) >= BAD.length);
  if ((await stored()) > BAD.length) found.push("a bad report was stored");
  return over(found);
}

/** The cars of the load are not to notice anything of these. */
export const inputFaults: Fault[] = [
  {
    name: "input-frames",
    title: "garbage instead of HTTP/2 frames",
    othersNoticeNothing: true,
    strike: garbageFrames,
  },
  {
    name: "input-messages",
    title: "garbage instead of messages",
    othersNoticeNothing: true,
    strike: garbageMessages,
  },
  { name: "input-ids", title: "ids of 5 MB", othersNoticeNothing: true, strike: longIds },
  {
    name: "input-values",
    title: "NaN, infinities, timestamps of 1970 and 3000",
    othersNoticeNothing: true,
    strike: badValues,
  },
];
