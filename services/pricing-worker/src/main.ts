import { runProcess } from "@greenlane/runtime";
import { startPricingWorker } from "./app.ts";
import { readConfig } from "./config.ts";

await runProcess("pricing-worker", readConfig, startPricingWorker);
