import { loadConfig, silentLogger } from "@greenlane/runtime";
import { closeDatabase, databaseEnv, migrate, openDatabase } from "@greenlane/timescale";
import { enterStations } from "./enterStations.ts";

// Gives a database the city's stations, where nobody runs `make up`: beside containers.
const { DATABASE_URL } = loadConfig(databaseEnv);
await migrate(DATABASE_URL, silentLogger);
const database = openDatabase(DATABASE_URL, silentLogger);
process.stdout.write(`${await enterStations(database)}\n`);
await closeDatabase(database);
