import { finished } from "node:stream/promises";
import { from as copyFrom } from "pg-copy-streams";
import type { Session } from "./database.ts";

/**
 * Sends rows to a table by `COPY … FROM STDIN (FORMAT binary)`, all or none of them.
 * @throws what the server says of them; in a transaction, which is then over
 */
export async function copyIn(session: Session, tableAndColumns: string, rows: Buffer): Promise<void> {
  const copying = session.query(copyFrom(`COPY ${tableAndColumns} FROM STDIN (FORMAT binary)`));
  copying.end(rows);
  await finished(copying);
}
