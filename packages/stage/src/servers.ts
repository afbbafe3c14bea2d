import { chooseEngine, portHolder } from "@greenlane/local-servers";
import { startKafka, startPostgres, startRedis, type TestServer } from "@greenlane/testkit";

/** The servers of a run's own: no operator's data are near. */
export interface OwnServers {
  redis: TestServer;
  kafka: TestServer;
  postgres: TestServer;
}

/** Starts throw-away servers, all or none; disposing removes their data. */
export async function startOwnServers(): Promise<OwnServers & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const started = async (start: () => Promise<TestServer>) => opening.use(await start());
  const starts = [started(startRedis), started(startKafka), started(startPostgres)] as const;
  await Promise.allSettled(starts);
  const [redis, kafka, postgres] = await Promise.all(starts);
  const all = opening.move();
  return { redis, kafka, postgres, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** The processes of local servers, by name; those of containers are not this machine's to tell. */
export function serverPids({ redis, postgres, kafka }: OwnServers): { name: string; pid: number }[] {
  if (chooseEngine().engine === "docker") return [];
  return Object.entries({ redis, postgres, kafka }).flatMap(([name, { port }]) => {
    const pid = portHolder(port)?.pid;
    return pid === undefined ? [] : [{ name, pid }];
  });
}
