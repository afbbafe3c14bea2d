import {
  ConnectorStatus,
  idFault,
  type ListStationsRequest__Output,
  type ListStationsResponse,
  rangeFault,
  type SetStationStatusRequest__Output,
  type Station as WireStation,
} from "@greenlane/contracts";
import { type ConnectorCalendar, stationTariff } from "@greenlane/domain";
import type { StandingSlot, StationMap } from "@greenlane/redis";
import type { Clock } from "@greenlane/runtime";
import { type Database, type Station, setConnectorStatus } from "@greenlane/timescale";
import { status } from "@grpc/grpc-js";
import { CallFault, mustHold } from "./callFault.ts";
import type { GridForecast } from "./gridForecast.ts";
import { calendarsOf, type SlotBook } from "./slotBook.ts";
import type { StationDirectory } from "./stationDirectory.ts";

/** A connector counts as free when it is for so long. */
const WORTHWHILE_MS = 30 * 60_000;
/** A price is the mean over some time: this is what "now" takes. */
const MOMENT_MS = 1_000;
const MAX_RADIUS_KM = 500;
const MAX_LISTED = 10_000;

const WIRE_STATUS = { available: ConnectorStatus.AVAILABLE, "out-of-order": ConnectorStatus.OUT_OF_ORDER } as const;

export interface StationDeskParts {
  database: Database;
  directory: StationDirectory;
  map: StationMap;
  book: SlotBook;
  forecast: GridForecast;
}

/** Tells of stations, and takes them out of order and back. */
export class StationDesk {
  readonly #parts: StationDeskParts;
  readonly #clock: Clock;

  constructor(parts: StationDeskParts, clock: Clock) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** @throws CallFault */
  async list(wire: ListStationsRequest__Output): Promise<ListStationsResponse> {
    mustHold(
      rangeFault("latitude", wire.latitude, -90, 90) ??
        rangeFault("longitude", wire.longitude, -180, 180) ??
        rangeFault("radius_km", wire.radius_km, 0, MAX_RADIUS_KM),
    );
    const { directory, map, book } = this.#parts;
    const named = new Set(wire.station_ids);
    const chosen =
      wire.radius_km === 0
        ? [...directory.all].sort((a, b) => (a.stationId < b.stationId ? -1 : 1))
        : (await map.near(wire, wire.radius_km, MAX_LISTED)).flatMap(({ stationId }) => directory.get(stationId) ?? []);
    const stations = chosen.filter(({ stationId }) => named.size === 0 || named.has(stationId));
    for (const stationId of named) {
      if (directory.get(stationId) === undefined)
        throw new CallFault(status.NOT_FOUND, `there is no station ${stationId}`);
    }
    const slots = await book.read(stations.map(({ stationId }) => stationId));
    return { stations: stations.map((station, n) => this.#asWire(station, slots[n] ?? [])) };
  }

  /** What it does reaches all processes at once; bookings are renegotiated by the one that keeps them. @throws CallFault */
  async setStatus(wire: SetStationStatusRequest__Output): Promise<WireStation> {
    const wanted = wire.status === ConnectorStatus.OUT_OF_ORDER ? "out-of-order" : "available";
    mustHold(
      idFault("station_id", wire.station_id) ??
        (wire.connector_id === "" ? null : idFault("connector_id", wire.connector_id)) ??
        (wire.status === ConnectorStatus.CONNECTOR_STATUS_UNKNOWN ? "status must be AVAILABLE or OUT_OF_ORDER" : null),
    );
    const { database, directory } = this.#parts;
    const changed = await setConnectorStatus(database, wire.station_id, wire.connector_id || undefined, wanted);
    await directory.refresh();
    const station = directory.get(wire.station_id);
    if (changed === 0 || station === undefined) {
      const which = wire.connector_id === "" ? "" : ` with connector ${wire.connector_id}`;
      throw new CallFault(status.NOT_FOUND, `there is no station ${wire.station_id}${which}`);
    }
    const [slots = []] = await this.#parts.book.read([station.stationId]);
    return this.#asWire(station, slots);
  }

  #asWire(station: Station, slots: readonly StandingSlot[]): WireStation {
    const nowMs = this.#clock.nowMs();
    const inOrder = station.connectors.filter((connector) => connector.status === "available");
    const calendars = calendarsOf(
      inOrder.map(({ connectorId }) => connectorId),
      slots,
      nowMs,
    );
    const standing = slots.filter(
      ({ endMs, heldUntilMs = Number.POSITIVE_INFINITY }) => endMs > nowMs && heldUntilMs > nowMs,
    );
    return {
      station_id: station.stationId,
      name: station.name,
      latitude: station.latitude,
      longitude: station.longitude,
      price_per_kwh: this.#priceNow([...calendars.values()], nowMs),
      next_free: nextFreeMs([...calendars.values()], nowMs),
      connectors: station.connectors.map((connector) => ({
        connector_id: connector.connectorId,
        power_kw: connector.powerKw,
        connector_type: connector.type,
        status: WIRE_STATUS[connector.status],
        taken: standing
          .filter(({ connectorId }) => connectorId === connector.connectorId)
          .map(({ id, startMs, endMs, heldUntilMs }) => ({
            start: startMs,
            end: endMs,
            booking_id: id,
            held: heldUntilMs !== undefined,
          })),
      })),
    };
  }

  /** What it asks for a kWh now; 0 when nothing is to be had. */
  #priceNow(calendars: readonly ConnectorCalendar[], nowMs: number): number {
    const { forecast } = this.#parts;
    if (calendars.length === 0 || !forecast.isKnown()) return 0;
    const tariff = stationTariff(nowMs, WORTHWHILE_MS, (atMs) => forecast.priceAt(atMs), calendars);
    return tariff.pricePerKwhBetween(nowMs, nowMs + MOMENT_MS);
  }
}

/** When a connector is free for long enough to be worth while, Unix ms; 0 where none is in order. */
function nextFreeMs(calendars: readonly ConnectorCalendar[], nowMs: number): number {
  if (calendars.length === 0) return 0;
  return Math.min(...calendars.map((calendar) => calendar.earliestStartMs(nowMs, WORTHWHILE_MS)));
}
