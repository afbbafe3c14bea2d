/** Cars that are killed or frozen: a process of their own. Arguments: where ingestion is, its token, how many cars. */
import { FAST_MS, openRogueStream, reportOf } from "./rogueStream.ts";

const [target = "", token = "", count = "0"] = process.argv.slice(2);
for (let n = 0; n < Number(count); n++) {
  const carId = `chaos-rogue-${process.pid}-${n}`;
  const { call } = openRogueStream(target, token);
  call.on("data", () => undefined).on("error", () => undefined);
  setInterval(() => call.write(reportOf(carId, Date.now())), FAST_MS);
}
