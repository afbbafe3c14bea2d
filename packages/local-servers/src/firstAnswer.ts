import { createConnection } from "node:net";

const TIMEOUT_MS = 1_000;

/** Sends a few bytes to a loopback port. @returns the first bytes of the answer; undefined when none comes in a second */
export function firstAnswer(port: number, question: Buffer | string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" }, () => socket.write(question));
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.once("data", (answer) => {
      resolve(answer);
      socket.destroy();
    });
    socket.once("error", () => resolve(undefined));
    socket.once("close", () => resolve(undefined));
  });
}
