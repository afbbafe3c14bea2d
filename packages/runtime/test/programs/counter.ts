// A process as small as can be, for the test of a process's life.
import { loadConfig, port, processEnv, runProcess, startAdminServer } from "../../src/index.ts";

await runProcess(
  "counter",
  () => loadConfig({ ...processEnv, ADMIN_PORT: port(0) }),
  async (config, { logger, metrics }) => {
    const admin = await startAdminServer(
      { host: "127.0.0.1", port: config.ADMIN_PORT },
      { service: "counter", metrics, readiness: () => ({ ready: false, checks: { store: "away" } }) },
    );
    logger.info({ port: admin.port }, "listening");
    return { readiness: () => ({ ready: true, checks: {} }), stop: async () => admin[Symbol.asyncDispose]() };
  },
);
