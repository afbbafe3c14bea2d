import { runProcess } from "@greenlane/runtime";
import { startMockGrid } from "./app.ts";
import { readConfig } from "./config.ts";

await runProcess("mock-grid", readConfig, startMockGrid);
