import { startOwnServers } from "@greenlane/stage";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fuzz } from "../fuzz/fuzz.ts";
import { FuzzStage } from "../fuzz/stage.ts";
import { TARGETS } from "../fuzz/targets.ts";

/** `make fuzz` gives minutes; these are the first inputs of one seed, the same in every run. */
const BOUNDS = { seed: 1, runs: 25 };

const opened = new AsyncDisposableStack();
let stage: FuzzStage;

beforeAll(async () => {
  stage = opened.use(new FuzzStage("fuzz-test", opened.use(await startOwnServers())));
});
afterAll(() => opened.disposeAsync());

test.each(TARGETS)(
  "$name: whatever comes, nothing ends or grows, and who keeps to the rules is served",
  async (target) => {
    expect((await fuzz(target, stage, BOUNDS)).failure).toBeUndefined();
  },
);
