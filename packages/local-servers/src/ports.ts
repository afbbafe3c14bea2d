import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

/** A loopback port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address === null || typeof address === "string" ? reject(new Error("no port")) : resolve(address.port),
      );
    });
  });
}

/** Who listens on a port. */
export interface PortHolder {
  pid: number | undefined;
  command: string;
}

const LISTEN_STATE = "0A";

/** The process that listens on a TCP port of this machine, read from /proc; undefined when none does. */
export function portHolder(port: number): PortHolder | undefined {
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of readOr(table, "").split("\n").slice(1)) {
      const columns = line.trim().split(/\s+/);
      if (columns[3] !== LISTEN_STATE) continue;
      if (Number.parseInt(columns[1]?.split(":")[1] ?? "", 16) === port) inodes.add(`socket:[${columns[9]}]`);
    }
  }
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (!holdsOneOf(pid, inodes)) continue;
    return {
      pid: Number(pid),
      command: readOr(`/proc/${pid}/cmdline`, "?")
        .replaceAll(/[\s\0]+/g, " ")
        .trim()
        .slice(0, 120),
    };
  }
  return { pid: undefined, command: "a process of another user" };
}

function holdsOneOf(pid: string, sockets: Set<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false; // gone meanwhile, or another user's
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}
