import {
  chooseEngine,
  type EngineChoice,
  startKafkaServer,
  startPostgresServer,
  startRedisServer,
} from "@greenlane/local-servers";
import { startContainer } from "./containers.ts";
import { startTestServer, type TestServer } from "./testServer.ts";

const LOCAL = { redis: startRedisServer, kafka: startKafkaServer, postgres: startPostgresServer };

let choice: EngineChoice | undefined;

/** Where throw-away servers come from: INFRA or the machine decides, once. */
export function testEngine(): EngineChoice["engine"] {
  choice ??= chooseEngine();
  return choice.engine;
}

/** A throw-away server on a free port: a container, or a local process whose data lie in a folder that may be named. */
function start(kind: keyof typeof LOCAL, folder?: string): Promise<TestServer> {
  return testEngine() === "docker" ? startContainer(kind) : startTestServer(kind, LOCAL[kind], folder);
}

export const startRedis = (): Promise<TestServer> => start("redis");
/** Its URL is a bootstrap broker, host:port. */
export const startKafka = (folder?: string): Promise<TestServer> => start("kafka", folder);
/** Its URL leads to the empty database `postgres`, as superuser. */
export const startPostgres = (folder?: string): Promise<TestServer> => start("postgres", folder);
