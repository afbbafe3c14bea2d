/** What a simulated day takes place in; a place is whatever its metric measures. */
export interface World<Place> {
  /** The day's length, min from its start. */
  durationMin: number;
  /** Along the road. */
  distanceKm(a: Place, b: Place): number;
  speedKmPerMin: number;
  kwhPerKm: number;
  battery: Battery;
  /** In the order of their numbers. */
  chargers: ChargerSite<Place>[];
  /** How long a customer waits to be picked up, min. */
  customerPatienceMin: number;
  /** No session is shorter, min. */
  shortestSessionMin: number;
  /** How long a car stays in a queue before it looks for another, min. */
  queuePatienceMin: number;
}

/** What all cars share, kWh. */
export interface Battery {
  capacityKwh: number;
  /** Below it no car plans to come. */
  floorKwh: number;
  /** An idle car below it looks for energy. */
  triggerKwh: number;
  /** A session fills no car beyond it. */
  ceilingKwh: number;
  /** Too little for any trip. */
  strandedKwh: number;
}

/** One connector with a queue of its own; it gives constant power. */
export interface ChargerSite<Place> {
  at: Place;
  powerKw: number;
}

export interface Customer<Place> {
  /** When the trip is asked for, min. */
  askedMin: number;
  from: Place;
  to: Place;
  tripKm: number;
}

/** The demand of one day, and where its cars begin. */
export interface Demand<Place> {
  /** By the time of asking. */
  customers: Customer<Place>[];
  cars: Place[];
}
