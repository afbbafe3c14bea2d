import { type Database, listStations, upsertStations } from "@greenlane/timescale";
import { readStations } from "./index.ts";

/**
 * Gives a database that has no station those of the city; one that has some is left as it is, for somebody has chosen.
 * @returns what it has now, in words
 */
export async function enterStations(database: Database): Promise<string> {
  const standing = await listStations(database);
  if (standing.length > 0) return `stations: ${standing.length} in the database`;
  const { items } = readStations();
  await upsertStations(database, items);
  const connectors = items.reduce((sum, station) => sum + station.connectors.length, 0);
  return `stations: took in the ${items.length} of Manhattan that charge fast, with ${connectors} connectors`;
}
