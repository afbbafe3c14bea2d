import { freePort } from "@greenlane/local-servers";
import { type RunningProgram, startServiceProcess } from "@greenlane/testkit";
import type { Servers } from "./startedBooking.ts";

/** A booking process of its own, which can be killed, paused and started again at the same ports. */
export interface BookingProcess extends AsyncDisposable {
  grpcPort: number;
  adminPort: number;
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** kill -9, and another in its place. */
  replace(): Promise<void>;
}

export async function startBookingProcess(
  servers: Servers,
  instance: string,
  env: Record<string, string> = {},
): Promise<BookingProcess> {
  const [grpcPort, adminPort] = [await freePort(), await freePort()];
  const start = () =>
    startServiceProcess("booking", adminPort, {
      ...servers.env,
      GRPC_PORT: `${grpcPort}`,
      ADMIN_PORT: `${adminPort}`,
      INSTANCE_ID: instance,
      ...env,
    });
  let program: RunningProgram = await start();
  return {
    grpcPort,
    adminPort,
    signal: (signal) => program.signal(signal),
    async replace() {
      await program.end("SIGKILL");
      program = await start();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(program[Symbol.asyncDispose]()),
  };
}
