/** Above this charge a battery takes less and less power, %. */
const TAPER_FROM_PERCENT = 80;
/** What is left of the power at 100 %. */
const POWER_SHARE_WHEN_FULL = 0.1;
/** How much charge (%) the taper would span if its line went on to no power at all. */
const TAPER_SCALE_PERCENT = (100 - TAPER_FROM_PERCENT) / (1 - POWER_SHARE_WHEN_FULL);

/** A battery on a charger. */
export interface Charger {
  capacityKwh: number;
  maxPowerKw: number;
}

/** Power in kW that a battery takes at a state of charge (%): constant to 80 %, then falling in a line to a tenth. */
export function chargingPowerKw(batteryPercent: number, maxPowerKw: number): number {
  if (batteryPercent >= 100) return 0;
  if (batteryPercent <= TAPER_FROM_PERCENT) return maxPowerKw;
  return maxPowerKw * taperShare(batteryPercent);
}

/** The share of the full power that is taken at a charge from 80 to 100 %: 1 to a tenth. */
function taperShare(batteryPercent: number): number {
  const intoTaper = (batteryPercent - TAPER_FROM_PERCENT) / (100 - TAPER_FROM_PERCENT);
  return 1 - intoTaper * (1 - POWER_SHARE_WHEN_FULL);
}

/**
 * Seconds that `chargingPowerKw` takes from one charge to a higher one, both in % from 0 to 100. In the taper the power
 * falls in a line with the energy, hence exponentially in time: the time grows with the logarithm of the share.
 */
export function secondsToCharge(fromPercent: number, toPercent: number, { capacityKwh, maxPowerKw }: Charger): number {
  const secondsPerPercent = ((capacityKwh / 100) * 3600) / maxPowerKw;
  const even = Math.max(0, Math.min(toPercent, TAPER_FROM_PERCENT) - fromPercent);
  if (toPercent <= TAPER_FROM_PERCENT) return even * secondsPerPercent;
  const shares = taperShare(Math.max(fromPercent, TAPER_FROM_PERCENT)) / taperShare(toPercent);
  return (even + TAPER_SCALE_PERCENT * Math.log(shares)) * secondsPerPercent;
}

/** The charge (%) after some seconds on the charger; the inverse of `secondsToCharge`, and 100 once it is full. */
export function percentAfterCharging(fromPercent: number, seconds: number, charger: Charger): number {
  if (seconds >= secondsToCharge(fromPercent, 100, charger)) return 100;
  const percent = seconds / secondsToCharge(0, 1, charger);
  const even = Math.max(0, TAPER_FROM_PERCENT - fromPercent);
  if (percent <= even) return fromPercent + percent;
  const share =
    taperShare(Math.max(fromPercent, TAPER_FROM_PERCENT)) * Math.exp(-(percent - even) / TAPER_SCALE_PERCENT);
  return TAPER_FROM_PERCENT + (1 - share) * TAPER_SCALE_PERCENT;
}
