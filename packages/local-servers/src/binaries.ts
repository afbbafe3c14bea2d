import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A program that a local server needs is not on this machine; the message says what to install. */
export class MissingProgram extends Error {
  override name = "MissingProgram";
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).concat("/usr/local/bin", "/usr/bin");
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
}

/** @throws MissingProgram */
export function redisServer(): string {
  const found = onPath("redis-server");
  if (found === undefined) throw new MissingProgram("redis-server is missing: apt-get install redis-server");
  return found;
}

const DEBIAN_POSTGRES = "/usr/lib/postgresql";

/** The newest PostgreSQL program of that name. @throws MissingProgram */
export function postgresProgram(program: "postgres" | "initdb"): string {
  const versions = existsSync(DEBIAN_POSTGRES)
    ? readdirSync(DEBIAN_POSTGRES).sort((a, b) => Number(b) - Number(a))
    : [];
  const candidates = versions.map((version) => join(DEBIAN_POSTGRES, version, "bin", program));
  const found = candidates.find((file) => existsSync(file)) ?? onPath(program);
  if (found === undefined) throw new MissingProgram("postgres is missing: apt-get install postgresql");
  return found;
}

/** @throws MissingProgram */
export function java(): string {
  const found = onPath("java");
  if (found === undefined) throw new MissingProgram("java is missing: apt-get install default-jre-headless");
  return found;
}

/** Folder of Kafka's jars. @throws MissingProgram */
export function kafkaJars(): string {
  const folder = fileURLToPath(new URL("../../../.toolchain/kafka", import.meta.url));
  if (!existsSync(folder)) throw new MissingProgram("Kafka's jars are missing: run make build-all");
  return folder;
}
