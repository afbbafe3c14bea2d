import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type RunningServer, type ServerSpec, stopServer } from "@greenlane/local-servers";

/** A real server of a test's own, which the test may hurt. */
export interface TestServer extends AsyncDisposable {
  url: string;
  port: number;
  /** Ends it cleanly; its data stays for `restart`. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGSTOP: it holds its connections and answers nothing. */
  pause(): void;
  resume(): void;
  /** Brings it up again after `stop` or `kill`: same port, same data. */
  restart(): Promise<void>;
}

/** Starts a throw-away local server in a temporary folder of `parent`; disposing ends it and removes its data. */
export async function startTestServer(
  kind: string,
  start: (spec: ServerSpec) => Promise<RunningServer>,
  parent = tmpdir(),
): Promise<TestServer> {
  const dataDir = mkdtempSync(join(parent, `greenlane-${kind}-`));
  const spec: ServerSpec = { dataDir, port: await freePort(), logFile: join(dataDir, "server.log"), detached: false };
  let server = await start(spec);
  return {
    url: server.url,
    port: spec.port,
    stop: () => stopServer(server),
    kill: () => stopServer({ ...server, stopSignal: "SIGKILL" }),
    pause: () => void process.kill(server.pid, "SIGSTOP"),
    resume: () => void process.kill(server.pid, "SIGCONT"),
    restart: async () => {
      server = await start(spec);
    },
    [Symbol.asyncDispose]: async () => {
      await stopServer({ ...server, stopSignal: "SIGKILL" });
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
