import type { Logger } from "@greenlane/runtime";

export function listen(
  _databaseUrl: string,
  _channels: string[],
  _onNotify: (channel: string) => void,
  _logger: Logger,
): AsyncDisposable {
  throw new Error("not there yet");
}
