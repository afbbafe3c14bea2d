import { setFlagsFromString } from "node:v8";
import { runProcess } from "@greenlane/runtime";
import { startBooking } from "./app.ts";
import { readConfig } from "./config.ts";

// V8 doubles the space of new objects whenever many outlive it: here it would go on to do so for many minutes.
// Like this it has its full size at once, and a process that holds more and more is seen to.
setFlagsFromString("--semi-space-growth-factor=64");

await runProcess("booking", readConfig, startBooking);
