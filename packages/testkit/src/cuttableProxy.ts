import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";

/** A way to a port that a test can block, so that nothing comes through and nobody is told, or cut. */
export interface CuttableProxy {
  port: number;
  block(): void;
  /** Resets every connection, as when a process dies. */
  cut(): void;
  close(): void;
}

export async function startCuttableProxy(toPort: number): Promise<CuttableProxy> {
  const sockets: Socket[] = [];
  const server = createServer((inside) => {
    const outside = createConnection(toPort, "127.0.0.1");
    sockets.push(inside, outside);
    inside.pipe(outside).pipe(inside);
    for (const socket of [inside, outside]) socket.on("error", () => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    block: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut,
    close: () => {
      cut();
      server.close();
    },
  };
}
