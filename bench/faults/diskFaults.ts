import { setTimeout as sleep } from "node:timers/promises";
import { kafkaAnswers, postgresAnswers } from "@greenlane/local-servers";
import type { TestServer } from "@greenlane/testkit";
import type { Fault, FaultStage } from "./fault.ts";
import { noSmallDisks, type SmallDisk } from "./smallDisks.ts";

/** A server that mends itself has so long; then it is started anew. */
const MEND_MS = 3_000;
const POLL_MS = 100;

async function full(disk: SmallDisk, server: TestServer, answers: (port: number) => Promise<boolean>, lastsMs: number) {
  disk.fill();
  await sleep(lastsMs);
  disk.empty();
  const untilMs = Date.now() + MEND_MS;
  while (!(await answers(server.port)) && Date.now() < untilMs) await sleep(POLL_MS);
  if (!(await answers(server.port))) {
    await server.kill();
    await server.restart();
  }
  return { overAtMs: Date.now(), found: [] };
}

function disksOf({ disks }: FaultStage) {
  if (disks === undefined) throw new Error("this stage has no small disks");
  return disks;
}

/** Nothing more can be written. From the moment at which the server has room and answers GreenLane is to mend itself. */
export const diskFaults: Fault[] = [
  {
    name: "kafka-disk-full",
    title: "disk of Kafka full",
    onSmallDisks: true,
    impossible: noSmallDisks,
    strike: (stage, lastsMs) => full(disksOf(stage).kafka, stage.servers.kafka, kafkaAnswers, lastsMs),
  },
  {
    name: "postgres-disk-full",
    title: "disk of Postgres full",
    onSmallDisks: true,
    impossible: noSmallDisks,
    strike: (stage, lastsMs) => full(disksOf(stage).postgres, stage.servers.postgres, postgresAnswers, lastsMs),
  },
];
