import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { postgresProgram } from "./binaries.ts";
import { firstAnswer } from "./firstAnswer.ts";
import { type Command, type RunningServer, runProgram, type ServerSpec, startServer } from "./serverProcess.ts";

const ROLE = "greenlane";
const PASSWORD = "greenlane_password";

type ServerUser = NonNullable<Command["user"]>;

/** Postgres refuses to run as root: then it runs as Debian's `postgres`, or as `nobody`. */
function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (user: string, kind: "-u" | "-g") =>
    Number(execFileSync("id", [kind, user], { stdio: "pipe" }).toString());
  for (const user of ["postgres", "nobody"]) {
    try {
      return { uid: idOf(user, "-u"), gid: idOf(user, "-g") };
    } catch (error) {
      if (user === "nobody") throw error;
    }
  }
  return undefined;
}

/** Whether the user that Postgres runs as may enter a folder: root's home, for one, is closed to it. */
export function postgresMayEnter(folder: string): boolean {
  const user = serverUser();
  return user === undefined || spawnSync("test", ["-x", folder], { cwd: "/", ...user }).status === 0;
}

/**
 * Starts PostgreSQL on loopback, with role greenlane and, on the first start, a new cluster.
 * The URL leads to database `postgres` of that cluster's superuser role `greenlane`.
 */
export async function startPostgresServer(spec: ServerSpec): Promise<RunningServer> {
  const user = serverUser();
  const cluster = join(spec.dataDir, "cluster");
  mkdirSync(spec.dataDir, { recursive: true });
  if (user) chownSync(spec.dataDir, user.uid, user.gid);
  if (!existsSync(cluster)) await makeCluster(cluster, spec, user);
  const settings = {
    listen_addresses: "127.0.0.1",
    port: `${spec.port}`,
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "256MB",
    max_wal_size: "4GB",
    // When a row was committed can be asked: the demo measures the way from the car to the row by it.
    track_commit_timestamp: "on",
  };
  const args = ["-D", cluster, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  // SIGINT ends the sessions; at SIGTERM it would wait until each client has gone.
  const command: Command = { ...as(user, postgresProgram("postgres"), args), stopSignal: "SIGINT" };
  const server = await startServer(spec, command, () => postgresAnswers(spec.port));
  return { ...server, url: `postgresql://${ROLE}:${PASSWORD}@127.0.0.1:${spec.port}/postgres` };
}

const as = (user: ServerUser | undefined, command: string, args: string[]): Command =>
  user === undefined ? { command, args } : { command, args, user };

/** Makes a cluster, whole or not at all: one that was interrupted leaves a folder of another name. */
async function makeCluster(cluster: string, spec: ServerSpec, user: ServerUser | undefined): Promise<void> {
  const passwordFile = join(spec.dataDir, "password");
  writeFileSync(passwordFile, PASSWORD);
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const unfinished = `${cluster}.part`;
  rmSync(unfinished, { recursive: true, force: true });
  const owner = ["-U", ROLE, "-A", "scram-sha-256", `--pwfile=${passwordFile}`];
  const args = ["-D", unfinished, ...owner, "-E", "UTF8", "--locale=C.UTF-8", "-N"];
  await runProgram(spec, as(user, postgresProgram("initdb"), args));
  renameSync(unfinished, cluster);
}

const START_UP_MESSAGE = (() => {
  const parameters = Buffer.from("user\0greenlane\0database\0postgres\0\0");
  const header = Buffer.alloc(8);
  header.writeInt32BE(header.length + parameters.length, 0);
  header.writeInt32BE(196_608, 4); // protocol 3.0
  return Buffer.concat([header, parameters]);
})();

/** Whether a Postgres server on that loopback port asks for a password ('R') rather than refusing ('E', still starting). */
export async function postgresAnswers(port: number): Promise<boolean> {
  const answer = await firstAnswer(port, START_UP_MESSAGE);
  return answer?.toString("latin1").startsWith("R") ?? false;
}
