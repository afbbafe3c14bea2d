import { herdLowerBoundMin } from "./lowerBound.ts";
import { type HerdMeasures, herdMeasures } from "./outcome.ts";
import { firstComeFirstServed, type HerdPolicy, minTotalTime, nearestStation, shortestQueue } from "./policies.ts";
import { bookedSlots, type HerdRecord, herdOf } from "./record.ts";

/** How well a herd fared, beside what simpler ways would have made of it, and what none can better. */
export interface HerdJudgement {
  booked: HerdMeasures;
  baselines: { policy: string; measures: HerdMeasures }[];
  /** No schedule that gives all cars all their energy has a lower mean time until charged: see `herdLowerBoundMin`. */
  boundMin: number;
  boundStepMin: number;
}

/** The steps in which the bound is sought, min. */
export const BOUND_STEP_MIN = 2;

const BASELINES: readonly HerdPolicy[] = [nearestStation, shortestQueue, minTotalTime, firstComeFirstServed];

/**
 * Takes about 5 s of computing for 1,000 cars on 100 connectors.
 *
 * @throws RangeError when a booking is of a car or station that the herd does not have, or a car cannot charge somewhere
 */
export function judgeHerd(record: HerdRecord): HerdJudgement {
  const herd = herdOf(record);
  return {
    booked: herdMeasures(herd, bookedSlots(record)),
    baselines: BASELINES.map(({ name, charge }) => ({ policy: name, measures: herdMeasures(herd, charge(herd, 0)) })),
    boundMin: herdLowerBoundMin(herd, BOUND_STEP_MIN),
    boundStepMin: BOUND_STEP_MIN,
  };
}
