import { type ChargeRequest, type OpenConnector, type Point, stationTariff } from "@greenlane/domain";
import type { StandingSlot } from "@greenlane/redis";
import type { Clock } from "@greenlane/runtime";
import type { Station } from "@greenlane/timescale";
import type { GridForecast } from "./gridForecast.ts";
import { calendarsOf, type SlotBook, SlotsUnavailable } from "./slotBook.ts";
import type { StationDirectory } from "./stationDirectory.ts";

/** How far ahead the congestion of a station is looked at; beyond, its last price goes on. */
const TARIFF_HORIZON_MS = 24 * 3_600_000;

/**
 * What was worked out for a station stands for so long while its slots stay the same: so long a hold that has run out still
 * counts, and prices know nothing of the moments since.
 */
const KEPT_MS = 500;

interface KeptStation {
  slots: readonly StandingSlot[];
  atMs: number;
  connectors: OpenConnector[];
}

/** What can be had: the connectors that work, what is taken of their time, and what their stations ask. */
export class OpenStations {
  readonly #directory: StationDirectory;
  readonly #book: SlotBook;
  readonly #forecast: GridForecast;
  readonly #clock: Clock;
  readonly #kept = new WeakMap<Station, KeptStation>();

  constructor(directory: StationDirectory, book: SlotBook, forecast: GridForecast, clock: Clock) {
    this.#directory = directory;
    this.#book = book;
    this.#forecast = forecast;
    this.#clock = clock;
  }

  /**
   * What matters to some requests. @param except ids of slots that count as free
   * @throws SlotsUnavailable, also while there is no price
   */
  async forRequests(requests: readonly ChargeRequest[], except?: ReadonlySet<string>): Promise<OpenConnector[]> {
    const stations = new Set(this.#directory.around(requests.map(({ at }) => at)));
    for (const stationId of new Set(requests.flatMap(({ stationIds }) => stationIds ?? []))) {
      const named = this.#directory.get(stationId);
      if (named !== undefined) stations.add(named);
    }
    return this.at([...stations], except);
  }

  /** What there is around some places. @throws SlotsUnavailable, also while there is no price */
  around(places: Iterable<Point>): Promise<OpenConnector[]> {
    return this.at(this.#directory.around(places));
  }

  /** What some stations have. @throws SlotsUnavailable, also while there is no price */
  async at(stations: readonly Station[], except?: ReadonlySet<string>): Promise<OpenConnector[]> {
    if (!this.#forecast.isKnown()) throw new SlotsUnavailable("the grid's price is not known");
    const slots = await this.#book.read(stations.map(({ stationId }) => stationId));
    return stations.flatMap((station, n) => this.#open(station, slots[n] ?? [], except));
  }

  #open(station: Station, slots: readonly StandingSlot[], except?: ReadonlySet<string>): OpenConnector[] {
    const nowMs = this.#clock.nowMs();
    if (except !== undefined) return this.#workOut(station, slots, nowMs, except);
    const kept = this.#kept.get(station);
    if (kept?.slots === slots && nowMs >= kept.atMs && nowMs < kept.atMs + KEPT_MS) return kept.connectors;
    const connectors = this.#workOut(station, slots, nowMs);
    this.#kept.set(station, { slots, atMs: nowMs, connectors });
    return connectors;
  }

  #workOut(
    station: Station,
    slots: readonly StandingSlot[],
    nowMs: number,
    except?: ReadonlySet<string>,
  ): OpenConnector[] {
    const available = station.connectors.filter(({ status }) => status === "available");
    if (available.length === 0) return [];
    const ids = available.map(({ connectorId }) => connectorId);
    const calendars = calendarsOf(ids, slots, nowMs, except);
    const priceAt = (atMs: number) => this.#forecast.priceAt(atMs);
    const tariff = stationTariff(nowMs, TARIFF_HORIZON_MS, priceAt, [...calendars.values()]);
    const { stationId, latitude, longitude } = station;
    return available.flatMap(({ connectorId, powerKw, type }) => {
      const calendar = calendars.get(connectorId);
      const connector = { connectorId, stationId, at: { latitude, longitude }, powerKw, type };
      return calendar === undefined ? [] : [{ connector, calendar, tariff }];
    });
  }
}
