import { stationSlotsKey } from "@greenlane/contracts";
import type { Cluster, Redis } from "ioredis";
import type { StandingSlot } from "./slots.ts";

/** The mark that a station's slots are known, and their version. */
export const COMPLETE_FIELD = "@";

/** Stations that are read in one call at the most: Redis does nothing else meanwhile. */
const AT_ONCE = 100;
/** Stations that are remembered at the most. */
const MAX_REMEMBERED = 10_000;

interface KnownSlots {
  version: string;
  slots: readonly StandingSlot[];
}

/** Reads stations' slots, and remembers them: those that have not changed since are not sent and parsed again. */
export class SlotReader {
  readonly #redis: Redis | Cluster;
  readonly #known = new Map<string, KnownSlots>();

  constructor(redis: Redis | Cluster) {
    this.#redis = redis;
  }

  /** Of each station, in their order: as Redis has them now. */
  async read(stationIds: readonly string[]): Promise<(readonly StandingSlot[] | undefined)[]> {
    // In a cluster each lies on a node of its own.
    const atOnce = this.#redis.isCluster ? 1 : AT_ONCE;
    const chunks = Array.from({ length: Math.ceil(stationIds.length / atOnce) }, (_, n) =>
      this.#readChunk(stationIds.slice(n * atOnce, (n + 1) * atOnce)),
    );
    return (await Promise.all(chunks)).flat();
  }

  async #readChunk(stationIds: readonly string[]): Promise<(readonly StandingSlot[] | undefined)[]> {
    const before = stationIds.map((stationId) => this.#known.get(stationId));
    const versions = before.map((known) => known?.version ?? "");
    const found = await this.#redis.readSlots(stationIds.length, ...stationIds.map(stationSlotsKey), ...versions);
    return found.map((text, n) => {
      const known = text === null ? before[n] : parsed(text.split("\0"));
      this.#remember(stationIds[n] ?? "", known);
      return known?.slots;
    });
  }

  #remember(stationId: string, known: KnownSlots | undefined): void {
    if (known === undefined) this.#known.delete(stationId);
    else {
      if (this.#known.size >= MAX_REMEMBERED && !this.#known.has(stationId)) this.#known.clear();
      this.#known.set(stationId, known);
    }
  }
}

/** @param fields and values in turn */
function parsed(fields: readonly string[]): KnownSlots | undefined {
  const slots: StandingSlot[] = [];
  let version: string | undefined;
  for (let n = 0; n + 1 < fields.length; n += 2) {
    const [id = "", value = ""] = [fields[n], fields[n + 1]];
    if (id === COMPLETE_FIELD) version = value;
    else slots.push(parsedSlot(id, value));
  }
  if (version === undefined) return undefined;
  return { version, slots: slots.sort((a, b) => a.startMs - b.startMs) };
}

/** From the end, as the connector's id may hold anything. */
function parsedSlot(id: string, value: string): StandingSlot {
  const deadlineAt = value.lastIndexOf("|");
  const endAt = value.lastIndexOf("|", deadlineAt - 1);
  const startAt = value.lastIndexOf("|", endAt - 1);
  const deadlineMs = Number(value.slice(deadlineAt + 1));
  return {
    id,
    connectorId: value.slice(0, startAt),
    startMs: Number(value.slice(startAt + 1, endAt)),
    endMs: Number(value.slice(endAt + 1, deadlineAt)),
    heldUntilMs: deadlineMs === 0 ? undefined : deadlineMs,
  };
}
