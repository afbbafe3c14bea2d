/**
 * Preloaded into a service (`node --import`): moves its clock. At SIGURG the time that Date tells is moved by as many ms
 * as the file CLOCK_FILE says; timers, which run by another clock, go on as they were, as when a machine's clock is set.
 * (SIGURG, because a process that does not know it is not ended by it, and others, such as SIGUSR2, end a service.)
 */
import { readFileSync } from "node:fs";

const TrueDate = Date;
let aheadMs = 0;
const nowMs = () => TrueDate.now() + aheadMs;

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [nowMs()] : given, newTarget),
  apply: () => new TrueDate(nowMs()).toString(),
  get: (target, name, receiver) => (name === "now" ? nowMs : Reflect.get(target, name, receiver)),
});

process.on("SIGURG", () => {
  aheadMs = Number(readFileSync(process.env.CLOCK_FILE ?? "", "utf8"));
});
