import { setFlagsFromString } from "node:v8";
import { runProcess } from "@greenlane/runtime";
import { startBooking } from "./app.ts";
import { readConfig } from "./config.ts";

// V8 doubles the space for new objects each time that many outlive it: here memory would go on to rise for many minutes.
// So it grows to its full size the first time, and memory that rises later means something.
setFlagsFromString("--semi-space-growth-factor=64");

await runProcess("booking", readConfig, startBooking);
