import { encodeTelemetry, TOPICS } from "@greenlane/contracts";
import { type LogWriter, openLogWriter } from "@greenlane/kafka";
import { silentLogger } from "@greenlane/runtime";
import type { Servers } from "./startedBooking.ts";

/** A session that a car is in, as it reports it. */
export interface ReportedSession {
  sessionId: string;
  stationId: string;
}

/** How a test reaches its Kafka. */
export const kafkaOf = ({ kafka }: Servers) => ({ KAFKA_BROKERS: [kafka.url], KAFKA_REQUEST_TIMEOUT_MS: 2_000 });

/** What cars report, as ingestion would append it to the log. */
export class CarReports implements AsyncDisposable {
  readonly #writer: LogWriter;

  private constructor(writer: LogWriter) {
    this.#writer = writer;
  }

  static async open(servers: Servers): Promise<CarReports> {
    return new CarReports(await openLogWriter(kafkaOf(servers), "test", silentLogger));
  }

  /** A car reports at a moment, Unix ms, from a session or from none. */
  async append(carId: string, session?: ReportedSession, timestampMs = Date.now()): Promise<void> {
    const value = encodeTelemetry({
      carId,
      latitude: 40.7549,
      longitude: -73.984,
      batteryPercent: 30,
      velocityKmh: 0,
      timestampMs,
      chargingStationId: session?.stationId ?? "",
      sessionId: session?.sessionId ?? "",
      energyKwh: 0,
      odometerKm: 0,
    });
    await this.#writer.append(TOPICS.fleetEvents, [{ key: carId, value }]);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#writer[Symbol.asyncDispose]();
  }
}
