import type { FuzzTarget } from "./target.ts";
import { commandLine } from "./targets/commandLine.ts";
import { eventConsumers } from "./targets/eventConsumers.ts";
import { eventValues } from "./targets/eventValues.ts";
import { gatewayStream } from "./targets/gatewayStream.ts";
import { gridQueries } from "./targets/gridQueries.ts";
import { negotiation } from "./targets/negotiation.ts";
import { telemetryStream } from "./targets/telemetryStream.ts";

/** What can be fuzzed. */
export const TARGETS: readonly FuzzTarget<unknown>[] = [
  telemetryStream,
  gatewayStream,
  negotiation,
  gridQueries,
  eventValues,
  eventConsumers,
  commandLine,
];
