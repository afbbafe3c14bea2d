import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where local servers and the programs of a run keep their data, logs and process ids. */
export const DATA_DIR = fileURLToPath(new URL("../../../.data", import.meta.url));
export const LOG_DIR = join(DATA_DIR, "logs");
