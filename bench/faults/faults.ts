import { clientFaults } from "./clientFaults.ts";
import { clockFaults } from "./clockFaults.ts";
import { descriptorFaults } from "./descriptorFaults.ts";
import { diskFaults } from "./diskFaults.ts";
import type { Fault } from "./fault.ts";
import { gridFaults } from "./gridFaults.ts";
import { inputFaults } from "./inputFaults.ts";
import { processFaults } from "./processFaults.ts";
import { rebalanceFaults } from "./rebalanceFaults.ts";
import { serverFaults } from "./serverFaults.ts";

/** All that is done to the system, in this order. */
export const FAULTS: readonly Fault[] = [
  ...processFaults,
  ...serverFaults,
  ...gridFaults,
  ...rebalanceFaults,
  ...clientFaults,
  ...inputFaults,
  ...descriptorFaults,
  ...clockFaults,
  ...diskFaults,
];
