import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServiceOptions, ServiceProcess } from "@greenlane/stage";

const PRELOAD = fileURLToPath(new URL("shiftedClock.ts", import.meta.url));

/** Clocks of services that can be set, each service's own. Disposing forgets them. */
export class Clocks implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "greenlane-clocks-"));

  /** What a service is to be started with for its clock to be set. */
  of(service: string): Required<Pick<ServiceOptions, "env" | "nodeArgs">> {
    return { env: { CLOCK_FILE: join(this.#folder, service) }, nodeArgs: ["--import", PRELOAD] };
  }

  /** Sets the clock of a running service, ms ahead of the machine's. */
  set(service: string, process_: ServiceProcess, aheadMs: number): void {
    writeFileSync(join(this.#folder, service), `${aheadMs}`);
    process.kill(process_.pid(), "SIGURG");
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
