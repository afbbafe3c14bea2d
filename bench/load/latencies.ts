/** Buckets an octave: a latency is kept to 1.6 %. */
const STEPS = 64;
const STEP_BITS = 6;
const OCTAVES = 26;

/** What one process counted, as it goes to another: bucket and count, one behind the other, of those that hold any. */
export type LatencyCounts = number[];

/** A histogram of latencies, µs, from 0 to an hour: recording costs a few nanoseconds and no memory. */
export class Latencies {
  readonly #counts = new Float64Array(STEPS * OCTAVES);

  record(us: number, times = 1): void {
    const bucket = bucketOf(us);
    this.#counts[bucket] = (this.#counts[bucket] as number) + times;
  }

  clear(): void {
    this.#counts.fill(0);
  }

  counts(): LatencyCounts {
    const counts: LatencyCounts = [];
    for (const [bucket, count] of this.#counts.entries()) if (count > 0) counts.push(bucket, count);
    return counts;
  }

  /** Adds what another histogram has counted. */
  add(counts: LatencyCounts): this {
    for (let n = 0; n < counts.length; n += 2) {
      const bucket = counts[n] as number;
      this.#counts[bucket] = (this.#counts[bucket] as number) + (counts[n + 1] as number);
    }
    return this;
  }

  /** The least latency, µs, that so great a share (0 to 1) of all does not exceed; undefined when there is none. */
  quantile(share: number): number | undefined {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= share * total) return upperEndOf(bucket);
    }
    return undefined;
  }
}

/** Up to 64 µs a bucket a microsecond; above, 64 buckets an octave. */
function bucketOf(us: number): number {
  const whole = us < 0 ? 0 : us > 0x7fffffff ? 0x7fffffff : us | 0;
  if (whole < STEPS) return whole;
  const octave = 31 - Math.clz32(whole) - STEP_BITS;
  return (octave + 1) * STEPS + (whole >>> octave) - STEPS;
}

function upperEndOf(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const octave = Math.floor(bucket / STEPS) - 1;
  return (STEPS + (bucket % STEPS) + 1) * 2 ** octave - 1;
}
