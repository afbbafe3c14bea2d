import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { HERD } from "@greenlane/lab";
import { freePort } from "@greenlane/local-servers";
import { Children } from "../demo/children.ts";
import { cpuSeconds } from "./cpu.ts";
import type { HerdServers } from "./servers.ts";

/** One of several booking processes. */
export interface BookingProcess {
  name: string;
  grpcPort: number;
  adminPort: number;
  child: ChildProcess;
  /** CPU time of those of this name that were killed, s. */
  formerCpuS: number;
}

export interface HerdServicesOptions {
  processes: number;
  token: string;
  /** More of the booking processes' environment. */
  env: Record<string, string>;
}

/** The grid and the booking processes, on ports of their own. */
export class HerdServices implements AsyncDisposable {
  readonly bookings: BookingProcess[] = [];
  readonly #children = new Children();
  readonly #servers: HerdServers;
  readonly #options: HerdServicesOptions;
  #gridPort = 0;

  constructor(servers: HerdServers, options: HerdServicesOptions) {
    this.#servers = servers;
    this.#options = options;
  }

  /** @throws Error with the end of the log of what did not become ready */
  async start(): Promise<void> {
    this.#gridPort = await freePort();
    const grid = { name: "herd-mock-grid", args: ["services/mock-grid/src/main.ts"], env: this.#env(this.#gridPort) };
    await this.#children.startService(grid, this.#gridPort);
    for (let n = 1; n <= this.#options.processes; n++) {
      const booking = { name: `booking-${n}`, grpcPort: await freePort(), adminPort: await freePort() };
      this.bookings.push({ ...booking, child: await this.#startBooking(booking), formerCpuS: 0 });
    }
  }

  /** SIGKILL, in the middle of whatever it does. Resolves when it is gone. */
  async kill(booking: BookingProcess): Promise<void> {
    booking.formerCpuS += cpuSeconds(booking.child.pid ?? 0) ?? 0;
    const gone = once(booking.child, "exit");
    booking.child.kill("SIGKILL");
    await gone;
  }

  /** Resolves when it is ready. */
  async startAgain(booking: BookingProcess): Promise<void> {
    booking.child = await this.#startBooking(booking);
  }

  #startBooking({ name, grpcPort, adminPort }: Omit<BookingProcess, "child" | "formerCpuS">): Promise<ChildProcess> {
    const env = {
      ...this.#env(adminPort),
      ...this.#options.env,
      INSTANCE_ID: `herd-${name}`,
      GRPC_PORT: `${grpcPort}`,
      ROAD_FACTOR: `${HERD.roadFactor}`,
      SPEED_KMH: `${HERD.speedKmh}`,
    };
    return this.#children.startService(
      { name: `herd-${name}`, args: ["services/booking/src/main.ts"], env },
      adminPort,
    );
  }

  /** What is given holds, whatever the environment says of others. */
  #env(adminPort: number): Record<string, string> {
    const { redis, kafka, postgres } = this.#servers;
    return {
      LISTEN_HOST: "127.0.0.1",
      PORT: `${adminPort}`,
      ADMIN_PORT: `${adminPort}`,
      REDIS_URL: redis.url,
      KAFKA_BROKERS: kafka.url,
      DATABASE_URL: postgres.url,
      GRID_URL: `http://127.0.0.1:${this.#gridPort}`,
      API_TOKENS: this.#options.token,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#children.stopAll();
  }
}
