import { randomUUID } from "node:crypto";
import { followBookingEvents, openLogWriter, openTopicAdmin } from "@greenlane/kafka";
import { leases as openLeases, openRedis, stationMap, stationSlots } from "@greenlane/redis";
import { type Runtime, type Service, startAdminServer } from "@greenlane/runtime";
import { closeDatabase, listen, migrate, openDatabase } from "@greenlane/timescale";
import { Acceptance } from "./acceptance.ts";
import { startArrivals } from "./arrivals.ts";
import { bookingMetrics } from "./bookingMetrics.ts";
import type { BookingConfig } from "./config.ts";
import { Confirmations } from "./confirmations.ts";
import { Engine } from "./engine.ts";
import { bookingOfEvent, EngineMessages } from "./engineMessages.ts";
import { GridForecast } from "./gridForecast.ts";
import { Guests } from "./guests.ts";
import { startInviter } from "./inviter.ts";
import { startKeeper } from "./keeper.ts";
import { KeptHolds } from "./keptHolds.ts";
import { Matchmaker } from "./matchmaker.ts";
import { MissedChanges } from "./missedChanges.ts";
import { NamedStation } from "./namedStation.ts";
import { startNegotiationServer } from "./negotiationServer.ts";
import { OpenStations } from "./openStations.ts";
import { startOutboxPublisher } from "./outboxPublisher.ts";
import { Overstays } from "./overstays.ts";
import { Parties } from "./parties.ts";
import { Relocations } from "./relocations.ts";
import { SlotAudit } from "./slotAudit.ts";
import { SlotBook } from "./slotBook.ts";
import { SoonerSlots } from "./soonerSlots.ts";
import { StationDesk } from "./stationDesk.ts";
import { StationDirectory } from "./stationDirectory.ts";
import { UnaskedOffers } from "./unaskedOffers.ts";
import { Unbooked } from "./unbooked.ts";
import { warmUp } from "./warmUp.ts";
import { ZoneMatching } from "./zoneMatching.ts";

export interface BookingService extends Service {
  grpcPort: number;
  adminPort: number;
}

/** Changes after which time on a connector is free that was not before. */
const FREEING = new Set(["booking_expired", "booking_canceled", "booking_moved", "charging_ended"]);

/** Starts a booking process. Rejects when Kafka or the database does not answer, or a port is taken. */
export async function startBooking(config: BookingConfig, runtime: Runtime): Promise<BookingService> {
  const { logger, metrics: registry, clock } = runtime;
  await using opening = new AsyncDisposableStack();
  await migrate(config.DATABASE_URL, logger);
  {
    await using admin = await openTopicAdmin(config, "booking", logger);
    await admin.ensureTopics();
  }
  const database = opening.adopt(openDatabase(config.DATABASE_URL, logger), closeDatabase);
  const redis = opening.adopt(await openRedis(config.REDIS_URL, logger), (client) => client.disconnect());
  const writer = opening.use(await openLogWriter(config, "booking", logger));
  const forecast = opening.use(await new GridForecast(config.GRID_URL, config.GRID_TIMEOUT_MS, runtime).start());
  const leases = openLeases(redis);
  const travel = {
    roadFactor: config.ROAD_FACTOR,
    speedKmh: config.SPEED_KMH,
    reservePercent: config.RESERVE_PERCENT,
  };
  // Two processes may be given one name by mistake: as holders of leases they are told apart all the same.
  const holder = `${config.INSTANCE_ID}/${randomUUID()}`;

  const directory = new StationDirectory(database);
  await directory.refresh();
  const parties = new Parties();
  const guests = new Guests();
  const metrics = bookingMetrics(registry, {
    negotiations: () => engine.openNegotiations,
    cars: () => parties.size,
    waiting: () => engine.waiting,
  });
  const book = new SlotBook(stationSlots(redis), database, runtime);
  const stations = new OpenStations(directory, book, forecast, clock);
  const messages = new EngineMessages(directory, forecast, config.ARRIVAL_WINDOW_MS);
  const parts = { database, redis, leases, directory, stations, book, parties, guests, messages, metrics };
  const confirmations = opening.use(new Confirmations(database, book, metrics, runtime));
  const relocations = new Relocations(parts, { travel, holdMs: config.HOLD_MS }, runtime);
  const matchmaker = opening.use(
    new Matchmaker(
      parts,
      {
        maxWaiting: config.MAX_NEGOTIATIONS,
        maxCars: config.MATCH_MAX_CARS,
        budgetMs: config.MATCH_BUDGET_MS,
        holdMs: config.HOLD_MS,
        travel,
      },
      runtime,
    ),
  );
  warmUp((requests, open) => matchmaker.match(requests, open, clock.nowMs()), clock.nowMs());
  const zone = { zone: config.ZONE, holder, leaseMs: config.LEASE_MS, redisUrl: config.REDIS_URL };
  const matching = opening.use(ZoneMatching.join({ ...parts, matchmaker }, zone, runtime));
  const holds = opening.use(new KeptHolds(book, config.HOLD_MS, runtime));
  const unbooked = opening.use(new Unbooked(database, book, metrics, runtime));
  const acceptance = new Acceptance({ ...parts, holds, confirmations, relocations, unbooked }, runtime);
  const bounds = { maxRounds: config.MAX_ROUNDS, maxNegotiations: config.MAX_NEGOTIATIONS, travel };
  const engine: Engine = opening.use(new Engine({ ...parts, acceptance, matching, unbooked }, bounds, runtime));
  const unasked = new UnaskedOffers({ book, engine }, config.HOLD_MS, clock);
  const sooner = opening.use(new SoonerSlots({ ...parts, engine, unasked }, travel, runtime));
  const audit = new SlotAudit(parts, runtime);
  const overstays = new Overstays({ ...parts, relocations }, config.OVERSTAY_GRACE_MS, runtime);
  const map = stationMap(redis);
  const missed = opening.use(new MissedChanges(parts, runtime));
  const named = new NamedStation({ ...parts, engine }, runtime);
  const desk = new StationDesk({ ...parts, map, forecast }, clock);

  const lease = { holder, leaseMs: config.LEASE_MS };
  const publisher = opening.use(startOutboxPublisher({ database, leases, writer }, lease, runtime));
  opening.use(
    startKeeper(
      { ...parts, relocations, overstays, audit },
      { ...lease, arrivalWindowMs: config.ARRIVAL_WINDOW_MS, auditEveryMs: config.AUDIT_EVERY_MS },
      runtime,
    ),
  );
  opening.use(
    await followBookingEvents(
      config,
      {
        clientId: "booking",
        onEvents: (events) => {
          for (const event of events) {
            if (parties.isNews(event))
              parties.of(event.car_id)?.tell({ kind: "booking", booking: messages.booking(bookingOfEvent(event)) });
          }
          if (!events.some(({ event_type }) => FREEING.has(event_type))) return;
          engine.slotsFreed();
          sooner.slotsFreed();
        },
      },
      runtime,
    ),
  );
  const stationsChanged = async () => {
    try {
      await directory.refresh();
      await map.place([...directory.all]);
    } catch (err) {
      logger.warn({ err }, "the stations could not be read anew");
    }
  };
  opening.use(
    listen(
      config.DATABASE_URL,
      ["stations_changed", "booking_outbox"],
      (channel) => {
        if (channel === "booking_outbox") publisher.wake();
        else void stationsChanged();
      },
      logger,
    ),
  );
  opening.use(
    startInviter({ ...parts, forecast, engine, unasked }, { everyMs: config.INVITE_EVERY_MS, travel }, runtime),
  );
  const arrivals = opening.use(startArrivals(config, parts, runtime));
  const readiness = () => ({
    ready: forecast.isKnown() && redis.status === "ready",
    checks: {
      redis: redis.status === "ready" ? "ok" : "away: no slot can be held",
      grid: forecast.isKnown() ? "ok" : "no forecast: nothing can be priced",
      stations: directory.size > 0 ? "ok" : "none in the database",
      arrivals: arrivals.assigned() > 0 ? "ok" : "no partition assigned",
    },
  });
  const admin = opening.use(
    await startAdminServer(
      { host: config.LISTEN_HOST, port: config.ADMIN_PORT },
      { service: "booking", metrics: registry, readiness },
    ),
  );
  const server = opening.use(
    await startNegotiationServer(config, { ...parts, engine, relocations, missed, named, desk }, runtime),
  );
  const started = opening.move();
  logger.info({ grpcPort: server.port, adminPort: admin.port, stations: directory.size }, "listening for negotiations");
  return { grpcPort: server.port, adminPort: admin.port, readiness, stop: () => started.disposeAsync() };
}
