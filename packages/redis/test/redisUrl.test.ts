import { expect, test } from "vitest";
import { isRedisUrl, placeOf, redisHosts } from "../src/redisUrl.ts";

test("one URL names a server, and a list with +cluster the nodes of a cluster and how to enter", () => {
  expect(placeOf("redis://localhost:6379")).toEqual({ kind: "server" });
  expect(placeOf("redis+cluster://a:7000,b,[::1]:7002")).toEqual({
    kind: "cluster",
    nodes: [
      { host: "a", port: 7000 },
      { host: "b", port: 6379 },
      { host: "::1", port: 7002 },
    ],
    credentials: {},
    tls: false,
  });
  expect(placeOf("rediss+cluster://user:p%40ss:word@a:7000")).toMatchObject({
    credentials: { username: "user", password: "p@ss:word" },
    tls: true,
  });
});

test.each(["localhost", "http://a", "redis://", "redis+cluster://", "redis+cluster://a,,b", "redis+cluster://a:port"])(
  "%s is the URL of no Redis",
  (url) => {
    expect(isRedisUrl(url)).toBe(false);
    expect(() => placeOf(url)).toThrow(TypeError);
  },
);

test("what is said of a URL is its hosts, never its password", () => {
  expect(redisHosts("redis://user:secret@a:7000/2")).toBe("a:7000");
  expect(redisHosts("redis+cluster://user:secret@a:7000,b:7001")).toBe("a:7000,b:7001");
});
