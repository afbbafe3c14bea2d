/** Above this charge a battery takes less and less power, %. */
const TAPER_FROM_PERCENT = 80;
/** What is left of the power at 100 %. */
const POWER_SHARE_WHEN_FULL = 0.1;

/** Power in kW that a battery takes at a state of charge (%): constant to 80 %, then falling in a line to a tenth. */
export function chargingPowerKw(batteryPercent: number, maxPowerKw: number): number {
  if (batteryPercent >= 100) return 0;
  if (batteryPercent <= TAPER_FROM_PERCENT) return maxPowerKw;
  const intoTaper = (batteryPercent - TAPER_FROM_PERCENT) / (100 - TAPER_FROM_PERCENT);
  return maxPowerKw * (1 - intoTaper * (1 - POWER_SHARE_WHEN_FULL));
}
