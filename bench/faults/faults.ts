import type { Fault } from "./fault.ts";
import { processFaults } from "./processFaults.ts";
import { serverFaults } from "./serverFaults.ts";

/** All that is done to the system, in this order. */
export const FAULTS: readonly Fault[] = [...processFaults, ...serverFaults];
