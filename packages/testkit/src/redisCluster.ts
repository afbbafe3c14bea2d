import { firstAnswer, freePort, type ServerSpec, startRedisServer } from "@greenlane/local-servers";
import { startRedisServersContainer } from "./containers.ts";
import { testEngine } from "./servers.ts";
import { startTestServer } from "./testServer.ts";
import { until } from "./until.ts";

/** A Redis Cluster of a test's own: masters that share the hash slots, without replicas. */
export interface TestCluster extends AsyncDisposable {
  /** As REDIS_URL takes it. */
  url: string;
  nodes: { host: string; port: number }[];
}

/** The ports of a node: for clients, and for the other nodes. */
interface ClusterNode {
  port: number;
  busPort: number;
}

const MASTERS = 3;
const HASH_SLOTS = 16_384;
const HOST = "127.0.0.1";

/** Starts three masters, in a container or as local processes, and waits until they are a cluster. */
export async function startRedisCluster(): Promise<TestCluster> {
  await using opening = new AsyncDisposableStack();
  const nodes = testEngine() === "docker" ? await startInContainer(opening) : await startLocally(opening);
  await join(nodes);
  const open = opening.move();
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `${HOST}:${port}`).join(",")}`,
    nodes: nodes.map(({ port }) => ({ host: HOST, port })),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** What makes a node of a redis-server; every node is reached by loopback. */
const settings = (busPort: number) => [
  "--cluster-enabled",
  "yes",
  "--cluster-port",
  `${busPort}`,
  "--cluster-announce-ip",
  HOST,
];

async function startLocally(opening: AsyncDisposableStack): Promise<ClusterNode[]> {
  const nodes: ClusterNode[] = [];
  while (nodes.length < MASTERS) {
    const busPort = await freePort();
    const start = (spec: ServerSpec) => startRedisServer(spec, settings(busPort));
    const { port } = opening.use(await startTestServer("redis", start));
    nodes.push({ port, busPort });
  }
  return nodes;
}

async function startInContainer(opening: AsyncDisposableStack): Promise<ClusterNode[]> {
  const nodes: ClusterNode[] = [];
  while (nodes.length < MASTERS) nodes.push({ port: await freePort(), busPort: await freePort() });
  opening.use(
    await startRedisServersContainer(nodes.map(({ port, busPort }) => ({ port, settings: settings(busPort) }))),
  );
  return nodes;
}

/** Gives each node its share of the hash slots, makes them known to each other, and waits until each sees all. */
async function join(nodes: ClusterNode[]): Promise<void> {
  const share = Math.ceil(HASH_SLOTS / nodes.length);
  for (const [n, { port }] of nodes.entries()) {
    const last = Math.min((n + 1) * share, HASH_SLOTS) - 1;
    await tell(port, `CLUSTER ADDSLOTSRANGE ${n * share} ${last}`);
    for (const other of nodes.slice(0, n)) await tell(port, `CLUSTER MEET ${HOST} ${other.port} ${other.busPort}`);
  }
  for (const { port } of nodes) {
    await until(`the cluster stands, as its node on port ${port} sees it`, async () => {
      const info = await ask(port, "CLUSTER INFO");
      return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${nodes.length}`);
    });
  }
}

const ask = async (port: number, command: string) => (await firstAnswer(port, `${command}\r\n`))?.toString() ?? "";

/** @throws Error when the node does not say OK */
async function tell(port: number, command: string): Promise<void> {
  const answer = await ask(port, command);
  if (!answer.startsWith("+OK")) throw new Error(`Redis on port ${port} answered "${answer.trim()}" to ${command}`);
}
