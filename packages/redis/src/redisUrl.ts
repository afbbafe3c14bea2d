/** Where Redis is: one server, or the nodes by which a client finds a Redis Cluster. */
export type RedisPlace = { kind: "server" } | RedisCluster;

export interface RedisCluster {
  kind: "cluster";
  nodes: { host: string; port: number }[];
  credentials: { username?: string; password?: string };
  tls: boolean;
}

const FORM = /^redis(s?)(\+cluster)?:\/\/(?:([^/]*)@)?([^/@]+)/;
const DEFAULT_PORT = 6379;

/** Whether it is a redis:// or rediss:// URL, or such a list of a cluster's nodes as `placeOf` reads. */
export const isRedisUrl = (url: string): boolean => asPlace(url) !== undefined;

/**
 * Reads `redis://[user:password@]host:port/…`, or `redis+cluster://[user:password@]host:port,host:port,…`; with `rediss`
 * for TLS. Of a cluster one node that answers is enough: it names the others.
 * @throws TypeError for anything else
 */
export function placeOf(url: string): RedisPlace {
  const place = asPlace(url);
  if (place === undefined) throw new TypeError("REDIS_URL is not the URL of a Redis");
  return place;
}

/** The hosts and ports of a URL: never its password. */
export const redisHosts = (url: string): string => FORM.exec(url)?.[4] ?? "an address that is none";

function asPlace(url: string): RedisPlace | undefined {
  const [form, s, cluster, userinfo = "", hosts = ""] = FORM.exec(url) ?? [];
  if (form === undefined) return undefined;
  if (cluster === undefined) return URL.canParse(url) ? { kind: "server" } : undefined;
  const nodes = hosts.split(",").map(asNode);
  if (nodes.includes(undefined)) return undefined;
  const known = nodes.filter((node) => node !== undefined);
  const [username = "", password = ""] = userinfo.split(/:(.*)/s).map(decodeURIComponent);
  const credentials = { ...(username !== "" && { username }), ...(password !== "" && { password }) };
  return { kind: "cluster", nodes: known, credentials, tls: s !== "" };
}

function asNode(address: string): { host: string; port: number } | undefined {
  const url = URL.parse(`redis://${address}`);
  if (url === null || url.hostname === "") return undefined;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: url.port === "" ? DEFAULT_PORT : Number(url.port) };
}
