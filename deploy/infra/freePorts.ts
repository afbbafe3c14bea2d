import { portHolder } from "@greenlane/local-servers";

/** @throws Error naming each port that is taken and the process that holds it */
export function requireFreePorts(wanted: readonly { name: string; port: number }[]): void {
  const taken = wanted.flatMap(({ name, port }) => {
    const holder = portHolder(port);
    if (holder === undefined) return [];
    const pid = holder.pid === undefined ? "" : `, pid ${holder.pid}`;
    return [`  port ${port} (${name}) is held by ${holder.command}${pid}`];
  });
  if (taken.length > 0) throw new Error(`these ports are needed and taken:\n${taken.join("\n")}`);
}
