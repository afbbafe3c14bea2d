/** A stretch of charging. */
export interface Session {
  car: number;
  charger: number;
  fromMin: number;
  untilMin: number;
  kwh: number;
}

/** A stay in a queue: from joining it to leaving it, for the plug or for another queue. */
export interface Wait {
  car: number;
  charger: number;
  fromMin: number;
  untilMin: number;
}

/** What a day came to. */
export interface DayOutcome {
  customers: number;
  served: number;
  sessions: Session[];
  waits: Wait[];
  /** Pickups: from the asking to the car's arrival, min. */
  pickupMin: number[];
  drivenKm: number;
  /** Of all cars at the start and at the end. */
  kwhAtStart: number;
  kwhAtEnd: number;
  /** Hours of idle cars with too little for any trip. */
  standbyHours: number;
}

/** The measures that days are compared by. */
export interface DayMeasures {
  waitHours: number;
  standbyHours: number;
  servicePercent: number;
  energyKwh: number;
  chargerHours: number;
  sessions: number;
  drivenKm: number;
}

const sum = <Item>(items: Item[], of: (item: Item) => number) => items.reduce((total, item) => total + of(item), 0);
const hours = ({ fromMin, untilMin }: { fromMin: number; untilMin: number }) => (untilMin - fromMin) / 60;

export function measuresOf(day: DayOutcome): DayMeasures {
  return {
    waitHours: sum(day.waits, hours),
    standbyHours: day.standbyHours,
    servicePercent: (100 * day.served) / day.customers,
    energyKwh: sum(day.sessions, ({ kwh }) => kwh),
    chargerHours: sum(day.sessions, hours),
    sessions: day.sessions.length,
    drivenKm: day.drivenKm,
  };
}
