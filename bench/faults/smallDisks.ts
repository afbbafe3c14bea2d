import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseEngine } from "@greenlane/local-servers";

const MEGABYTE = 1024 * 1024;

/** A disk in memory that can be filled to the last byte. Disposing takes it away, with all that lies there. */
export class SmallDisk implements Disposable {
  readonly folder: string;
  readonly #ballast: string;

  /** @throws Error when this process may not mount */
  constructor(name: string, megabytes: number) {
    this.folder = mkdtempSync(join(tmpdir(), `greenlane-${name}-disk-`));
    this.#ballast = join(this.folder, "ballast");
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=755`, "tmpfs", this.folder], {
        stdio: "pipe",
      });
    } catch (error) {
      rmdirSync(this.folder);
      throw error;
    }
  }

  fill(): void {
    const file = openSync(this.#ballast, "w");
    try {
      // By the megabyte, then by the byte, so that not one is left.
      for (const size of [MEGABYTE, 4_096, 1]) writeUntilFull(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    unlinkSync(this.#ballast);
  }

  [Symbol.dispose](): void {
    // What still has files open there does not keep it: it is out of sight at once, and gone when they are closed.
    execFileSync("umount", ["--lazy", this.folder], { stdio: "pipe" });
    rmdirSync(this.folder);
  }
}

function writeUntilFull(file: number, bytes: Buffer): void {
  for (;;) {
    try {
      if (writeSync(file, bytes) < bytes.length) return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") return;
      throw error;
    }
  }
}

/** Why there can be no small disks here; undefined where there can. */
export function noSmallDisks(): string | undefined {
  if (chooseEngine().engine === "docker") return "the disks of containers are not this process's";
  try {
    new SmallDisk("trial", 1)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return `no disk can be mounted (is this root?): ${error instanceof Error ? error.message.split("\n")[0] : error}`;
  }
}
