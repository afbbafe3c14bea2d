import type * as fc from "fast-check";
import type { FuzzStage } from "./stage.ts";

/** One way in from outside, and what may come by it. */
export interface FuzzTarget<Input> {
  name: string;
  /** What is sent where, in a line. */
  about: string;
  /** One input: valid ones, such that have been damaged, and anything at all. */
  input: fc.Arbitrary<Input>;
  /** Puts up what is fuzzed; its services are the stage's. */
  start(stage: FuzzStage): Promise<Fuzzed<Input>>;
}

/** What is fuzzed, ready for inputs. */
export interface Fuzzed<Input> extends AsyncDisposable {
  /** The processes that the inputs reach; none: they are dealt with in this one. */
  services: readonly FuzzedService[];
  /** Gives it one input. Rejects when something does not hold that must, whatever the input was. */
  take(input: Input): Promise<void>;
  /** Rejects when a client that keeps to the rules is not served. */
  serve(): Promise<void>;
}

/** A process that inputs reach. */
export interface FuzzedService {
  grpcPort: number;
  adminPort: number;
  /** That it has ended, or what it has said since it was asked last: it says nothing but errors. */
  fault(): string | undefined;
  /** Starts it again when it has ended. */
  revive(): Promise<void>;
  /** What is alive in its memory, bytes. */
  liveBytes(): Promise<number>;
}
