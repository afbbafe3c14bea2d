import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { postgresProgram } from "./binaries.ts";
import { type RunningServer, type ServerSpec, startServer } from "./serverProcess.ts";

const ROLE = "greenlane";
const PASSWORD = "greenlane_password";

/** Postgres refuses to run as root: then it runs as Debian's `postgres`, or as `nobody`. */
function serverUser(): { uid: number; gid: number } | undefined {
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

/**
 * Starts PostgreSQL on loopback, with role greenlane and, on the first start, a new cluster.
 * The URL leads to database `postgres` of that cluster's superuser role `greenlane`.
 */
export async function startPostgresServer(spec: ServerSpec): Promise<RunningServer> {
  const user = serverUser();
  const cluster = join(spec.dataDir, "cluster");
  mkdirSync(spec.dataDir, { recursive: true });
  if (user) chownSync(spec.dataDir, user.uid, user.gid);
  if (!existsSync(join(cluster, "PG_VERSION"))) {
    const passwordFile = join(spec.dataDir, "password");
    writeFileSync(passwordFile, PASSWORD);
    if (user) chownSync(passwordFile, user.uid, user.gid);
    const args = [
      "-D",
      cluster,
      "-U",
      ROLE,
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
      "-E",
      "UTF8",
      "--locale=C.UTF-8",
      "-N",
    ];
    execFileSync(postgresProgram("initdb"), args, { stdio: "pipe", cwd: spec.dataDir, ...user });
  }
  const settings = {
    listen_addresses: "127.0.0.1",
    port: `${spec.port}`,
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "256MB",
    max_wal_size: "4GB",
  };
  const args = ["-D", cluster, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  const command = { command: postgresProgram("postgres"), args, ...(user ? { user } : {}) };
  const pid = await startServer(spec, command, () => acceptsSessions(spec.port));
  return { pid, url: `postgresql://${ROLE}:${PASSWORD}@127.0.0.1:${spec.port}/postgres` };
}

const START_UP_MESSAGE = (() => {
  const parameters = Buffer.from("user\0greenlane\0database\0postgres\0\0");
  const header = Buffer.alloc(8);
  header.writeInt32BE(header.length + parameters.length, 0);
  header.writeInt32BE(196_608, 4); // protocol 3.0
  return Buffer.concat([header, parameters]);
})();

/** Whether the server asks a client for its password ('R'), rather than refusing it ('E', still starting up). */
function acceptsSessions(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" }, () => socket.write(START_UP_MESSAGE));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once("data", (answer) => {
      resolve(answer.toString("latin1").startsWith("R"));
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}
