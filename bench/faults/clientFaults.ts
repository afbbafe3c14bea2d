import { type ChildProcess, spawn } from "node:child_process";
import { connect as connectHttp2, constants } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { loadFleetPackage } from "@greenlane/contracts";
import { startCuttableProxy, until } from "@greenlane/testkit";
import type { Fault, FaultStage, Lifted } from "./fault.ts";
import { framed, openRawStream, TELEMETRY_PATH } from "./rogues/rawStream.ts";
import { FAST_MS, openRogueStream, reportOf } from "./rogues/rogueStream.ts";

const ROGUE = fileURLToPath(new URL("rogues/rogue.ts", import.meta.url));
const ROGUES = 20;
/** Their acks are more than what a server keeps for a client before it waits for it to read. */
const DEAF_REPORTS = 1_000;
/** Of one stream, as ingestion has it by default, events a second. */
const ALLOWED_PER_SECOND = 200;
const FAST = { streams: 3, times: 5 };
/** The clock by which the rate is measured is not the one by which it is kept. */
const RATE_TOLERANCE = 0.05;
/** Until those who hang are cut off: the stage's limits, and some time for a busy machine. */
const CUT_OFF_WITHIN_MS = 60_000;

const { requestSerialize } = loadFleetPackage().FleetService.service.StreamTelemetry;
const targetOf = ({ ingestion }: FaultStage) => `127.0.0.1:${ingestion.grpcPort}`;
const over = (found: string[] = [], measured?: string): Lifted => ({ overAtMs: Date.now(), found, measured });

/** Streams that ingestion holds open. */
async function openStreams({ ingestion }: FaultStage): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${ingestion.adminPort}/metrics`)).text();
  return Number(/^ingestion_streams\{[^}]*\} (\d+)/m.exec(metrics)?.[1] ?? Number.NaN);
}

/** Waits until ingestion has forgotten the rogues. @returns what is not so, in words */
async function forgotten(stage: FaultStage, before: number): Promise<string[]> {
  try {
    await until(
      "ingestion has let the streams go",
      async () => (await openStreams(stage)) <= before,
      CUT_OFF_WITHIN_MS,
    );
    return [];
  } catch {
    return [`ingestion keeps ${(await openStreams(stage)) - before} streams whose clients are gone`];
  }
}

function startRogues(stage: FaultStage, target = targetOf(stage)): ChildProcess {
  return spawn(process.execPath, [ROGUE, target, stage.token, `${ROGUES}`], { stdio: ["ignore", 2, 2] });
}

/** Rogues in a process of their own, which is sent a signal in the middle of it. */
async function signalled(stage: FaultStage, signal: "SIGKILL" | "SIGSTOP"): Promise<Lifted> {
  const before = await openStreams(stage);
  const rogues = startRogues(stage);
  try {
    await until("the rogues speak", async () => (await openStreams(stage)) >= before + ROGUES);
    rogues.kill(signal);
    return over(await forgotten(stage, before));
  } finally {
    rogues.kill("SIGKILL");
  }
}

async function halfOpen(stage: FaultStage): Promise<Lifted> {
  const before = await openStreams(stage);
  const proxy = await startCuttableProxy(stage.ingestion.grpcPort);
  const rogues = startRogues(stage, `127.0.0.1:${proxy.port}`);
  try {
    await until("the rogues speak", async () => (await openStreams(stage)) >= before + ROGUES);
    proxy.block();
    return over(await forgotten(stage, before));
  } finally {
    rogues.kill("SIGKILL");
    proxy.close();
  }
}

/** Cars that send and never read, in their HTTP/2 as in their programs: each is to be cut off, by a reset. */
async function deaf(stage: FaultStage): Promise<Lifted> {
  const before = await openStreams(stage);
  const nowMs = Date.now();
  const sessions = Array.from({ length: ROGUES }, (_, n) => {
    const session = connectHttp2(`http://${targetOf(stage)}`, { settings: { initialWindowSize: 0 } });
    session.on("error", () => session.destroy());
    const stream = openRawStream(session, TELEMETRY_PATH, stage.token);
    stream.on("error", () => undefined); // a reset is what is waited for
    for (let report = 0; report < DEAF_REPORTS; report++) {
      stream.write(framed(requestSerialize(reportOf(`chaos-deaf-${n}`, nowMs - report))));
    }
    return { session, stream };
  });
  await until("the deaf speak", async () => (await openStreams(stage)) >= before + ROGUES);
  const found = await forgotten(stage, before);
  const isReset = ({ stream }: (typeof sessions)[number]) => stream.rstCode === constants.NGHTTP2_ENHANCE_YOUR_CALM;
  const others = sessions.filter((one) => !isReset(one)).length;
  if (others > 0) found.push(`${others} cars that read nothing were not cut off`);
  for (const { session } of sessions) session.destroy();
  return over(found);
}

/** Cars that send faster than they may: they get what one may have, and no more. */
async function tooFast(stage: FaultStage, lastsMs: number): Promise<Lifted> {
  const beganAtMs = Date.now();
  let acked = 0;
  const rogues = Array.from({ length: FAST.streams }, (_, n) => {
    const { call, close } = openRogueStream(targetOf(stage), stage.token);
    call.on("data", () => acked++).on("error", () => undefined);
    let sent = 0;
    const sending = setInterval(() => {
      const due = (ALLOWED_PER_SECOND * FAST.times * (Date.now() - beganAtMs)) / 1_000;
      for (; sent < due; sent++) call.write(reportOf(`chaos-fast-${n}`, beganAtMs - sent));
    }, FAST_MS);
    return () => {
      clearInterval(sending);
      close();
    };
  });
  await sleep(lastsMs);
  const seconds = (Date.now() - beganAtMs) / 1_000;
  for (const end of rogues) end();
  const perStream = acked / FAST.streams;
  // A second's worth may come at once.
  const allowed = ALLOWED_PER_SECOND * (seconds + 1) * (1 + RATE_TOLERANCE);
  const found =
    perStream > allowed ? [`a stream had ${perStream} acks in ${seconds} s, of ${allowed} that it might`] : [];
  const rate = (perStream / seconds).toFixed(0);
  return over(found, `of ${ALLOWED_PER_SECOND * FAST.times} events/s a stream got ${rate} through`);
}

/** The cars of the load are not to notice anything of these. */
export const clientFaults: Fault[] = [
  {
    name: "client-vanishes",
    title: "clients killed in mid-stream",
    othersNoticeNothing: true,
    strike: (stage) => signalled(stage, "SIGKILL"),
  },
  {
    name: "client-frozen",
    title: "clients frozen (SIGSTOP) in mid-stream",
    othersNoticeNothing: true,
    strike: (stage) => signalled(stage, "SIGSTOP"),
  },
  {
    name: "client-half-open",
    title: "connections half open",
    othersNoticeNothing: true,
    strike: halfOpen,
  },
  {
    name: "client-deaf",
    title: "clients that never read their acks",
    othersNoticeNothing: true,
    strike: deaf,
  },
  {
    name: "client-too-fast",
    title: "clients that send five times as fast as they may",
    othersNoticeNothing: true,
    strike: tooFast,
  },
];
