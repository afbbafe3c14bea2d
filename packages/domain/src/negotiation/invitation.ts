import { bestAssignment, FORBIDDEN } from "./assignment.ts";

/** A car that stands idle, whether it asked for energy or not. */
export interface IdleCar {
  kwh: number;
  capacityKwh: number;
  /** It arrives nowhere with less. */
  floorKwh: number;
  /** Below it, it is taken to wait for energy. */
  lowKwh: number;
  /** It is charged no further: below the taper, so that it takes constant power. */
  ceilingKwh: number;
  kwhPerKm: number;
  /** That it takes at the most, kW. */
  maxPowerKw: number;
  /** What it uses on the average while in service, kW. */
  useKw: number;
  /** When its service ends, Unix ms; what is left then is worth nothing. */
  serviceEndMs: number;
  /** What it is worth to stand where it stands, kWh: the more, the sooner it is wanted there. Any common zero will do. */
  placeWorthKwh: number;
}

/** A connector that is free, or will be soon. */
export interface CallingConnector {
  stationId: string;
  powerKw: number;
  /** When all that it has been promised for is over, Unix ms; in the past or now when it is free. */
  freeMs: number;
  /** What it is worth to stand there once charged, kWh; see `IdleCar`. */
  placeWorthKwh: number;
}

/** The way from a car to a connector. */
export interface Drive {
  km: number;
  ms: number;
}

/** An offer that the car did not ask for. */
export interface Invitation {
  /** By their places in what was given. */
  car: number;
  connector: number;
  /** When it sets off to be there as the connector becomes free, Unix ms. Until then another may be called instead. */
  leaveMs: number;
  startMs: number;
  endMs: number;
  kwh: number;
}

/** How connectors call. */
export interface InvitationRules {
  /** No session is shorter. */
  shortestMs: number;
  /** A session at a station that nobody else waits for is no longer. */
  longestMs: number;
}

export const INVITATION: InvitationRules = { shortestMs: 10 * 60_000, longestMs: 60 * 60_000 };

const HOUR_MS = 3_600_000;

/**
 * Whom the connectors call, and how much energy each is sold: the one-to-one pairing of idle cars and connectors of the
 * greatest total worth; who is worth nothing anywhere is not called. A pair's worth, in kWh, is
 *
 * - what the car gains: a kWh is worth the less the more it has, e to the −(charge above the floor) by half its
 *   capacity, so that an empty car is called before a fuller one; the energy of the drive is lost;
 * - and what it is worth to it to come to stand there rather than where it is;
 * - less what the fastest connector gives in the time until the session begins, as far as that is beyond one shortest
 *   session (and more what it gives in what is short of it): near cars come before far ones, and nobody is called long
 *   beforehand, as a better one may stand idle by then.
 *
 * A station shares out its time: with `w` other cars waiting per connector, a session lasts `longestMs / (1 + w)`. And
 * no car gets more than it will use in what is left of its service. That many partial sessions serve a fleet better than
 * a few full ones: Y. Yuan et al., "p²Charging: proactive partial charging for electric taxi systems" (ICDCS 2019).
 *
 * Pure, and meant to be asked again and again: an invitation is uttered when its time to leave has come, and until then
 * the connector may call another.
 *
 * @param driveBetween a car and a connector, by their places; undefined when the plug does not fit
 * @returns at most one invitation a car and a connector
 */
export function invite(
  nowMs: number,
  cars: readonly IdleCar[],
  connectors: readonly CallingConnector[],
  driveBetween: (car: number, connector: number) => Drive | undefined,
  rules: InvitationRules = INVITATION,
): Invitation[] {
  const drives = cars.map((_, car) => connectors.map((_, connector) => driveBetween(car, connector)));
  const sessionMs = sessionLengths(cars, connectors, drives, rules);
  const fastestKw = Math.max(...connectors.map(({ powerKw }) => powerKw));
  const calls = cars.map((car, row) =>
    connectors.map((connector, column): Call | undefined => {
      const drive = drives[row]?.[column];
      return drive && callOf(nowMs, car, connector, drive, sessionMs(row, column), fastestKw, rules);
    }),
  );
  const connectorOf = bestAssignment(cars.length, connectors.length, (row, column) => {
    return calls[row]?.[column]?.worthKwh ?? FORBIDDEN;
  });
  return [...connectorOf].flatMap((connector, car) => {
    const call = calls[car]?.[connector];
    return call === undefined ? [] : [{ car, connector, ...call.slot }];
  });
}

interface Call {
  slot: Omit<Invitation, "car" | "connector">;
  worthKwh: number;
}

function callOf(
  nowMs: number,
  car: IdleCar,
  connector: CallingConnector,
  drive: Drive,
  longestMs: number,
  fastestKw: number,
  { shortestMs }: InvitationRules,
): Call | undefined {
  const arrivalKwh = car.kwh - car.kwhPerKm * drive.km;
  const startMs = Math.max(connector.freeMs, nowMs + drive.ms);
  const kwhPerMs = Math.min(connector.powerKw, car.maxPowerKw) / HOUR_MS;
  const leastKwh = kwhPerMs * shortestMs;
  const usableKwh = car.floorKwh + (car.useKw / HOUR_MS) * (car.serviceEndMs - startMs - shortestMs);
  if (arrivalKwh < car.floorKwh || arrivalKwh + leastKwh > car.ceilingKwh || arrivalKwh >= usableKwh) return undefined;
  const untilKwh = Math.min(arrivalKwh + kwhPerMs * longestMs, usableKwh, car.ceilingKwh);
  const kwh = Math.max(leastKwh, untilKwh - arrivalKwh);
  const gainKwh = storedWorthKwh(car, arrivalKwh + kwh) - storedWorthKwh(car, car.kwh);
  const moveKwh = connector.placeWorthKwh - car.placeWorthKwh;
  const forgoneKwh = (fastestKw / HOUR_MS) * (startMs - nowMs - shortestMs);
  return {
    slot: { leaveMs: startMs - drive.ms, startMs, endMs: startMs + kwh / kwhPerMs, kwh },
    worthKwh: gainKwh + moveKwh - forgoneKwh,
  };
}

/** What a car's charge is worth to it, kWh of an empty car: the sum over the charge of what each kWh is worth. */
function storedWorthKwh({ capacityKwh, floorKwh }: IdleCar, kwh: number): number {
  const scaleKwh = capacityKwh / 2;
  return -scaleKwh * Math.exp(-(kwh - floorKwh) / scaleKwh);
}

/** How long a car may charge at a connector: its share of the station's time, by the other cars that wait for it. */
function sessionLengths(
  cars: readonly IdleCar[],
  connectors: readonly CallingConnector[],
  drives: readonly (readonly (Drive | undefined)[])[],
  { shortestMs, longestMs }: InvitationRules,
): (car: number, connector: number) => number {
  const connectorsOf = Map.groupBy(connectors, ({ stationId }) => stationId);
  const awaited = cars.map(({ kwh, lowKwh }, car) => {
    return kwh < lowKwh ? nearestStation(connectors, drives[car] ?? []) : undefined;
  });
  const carsWaitingFor = Map.groupBy(awaited, (stationId) => stationId);
  return (car, connector) => {
    const { stationId } = connectors[connector] as CallingConnector;
    const waiting = carsWaitingFor.get(stationId)?.length ?? 0;
    const others = awaited[car] === stationId ? waiting - 1 : waiting;
    return Math.max(shortestMs, longestMs / (1 + others / (connectorsOf.get(stationId) ?? []).length));
  };
}

/** The station that a car waits for, when one of its plugs fits anywhere. */
function nearestStation(
  connectors: readonly CallingConnector[],
  drives: readonly (Drive | undefined)[],
): string | undefined {
  let nearest: { stationId: string; km: number } | undefined;
  connectors.forEach(({ stationId }, connector) => {
    const km = drives[connector]?.km ?? Number.POSITIVE_INFINITY;
    if (km < (nearest?.km ?? Number.POSITIVE_INFINITY)) nearest = { stationId, km };
  });
  return nearest?.stationId;
}
