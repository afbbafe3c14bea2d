import { runProcess } from "@greenlane/runtime";
import { startIngestion } from "./app.ts";
import { readConfig } from "./config.ts";

await runProcess("ingestion", readConfig, startIngestion);
