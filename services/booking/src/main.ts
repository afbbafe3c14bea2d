import { runProcess } from "@greenlane/runtime";
import { startBooking } from "./app.ts";
import { readConfig } from "./config.ts";

await runProcess("booking", readConfig, startBooking);
