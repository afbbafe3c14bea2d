import { HERD } from "@greenlane/lab";
import { type OwnServers, type ServiceProcess, ServiceProcesses } from "@greenlane/stage";

export interface HerdServicesOptions {
  /** Booking processes. */
  processes: number;
  token: string;
  /** More of the booking processes' environment. */
  env: Record<string, string>;
}

/** The grid and the booking processes of a herd: roads and speed are the scenario's. */
export interface HerdServices extends AsyncDisposable {
  bookings: ServiceProcess[];
}

/** @throws Error with the end of the log of what did not become ready */
export async function startHerdServices(servers: OwnServers, options: HerdServicesOptions): Promise<HerdServices> {
  await using opening = new AsyncDisposableStack();
  const services = opening.use(new ServiceProcesses("herd", servers, { API_TOKENS: options.token }));
  await services.start("mock-grid");
  const env = { ...options.env, ROAD_FACTOR: `${HERD.roadFactor}`, SPEED_KMH: `${HERD.speedKmh}` };
  const bookings: ServiceProcess[] = [];
  for (let n = 0; n < options.processes; n++) bookings.push(await services.start("booking", { env }));
  const started = opening.move();
  return { bookings, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
