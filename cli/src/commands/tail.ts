import type { PartitionOffsets, TopicReader, TopicRecord } from "@greenlane/kafka";
import { type Command, Option } from "commander";
import { count, id, withJson } from "../arguments.ts";
import { readConfig } from "../config.ts";
import { reasonOf } from "../failures.ts";
import { escaped, jsonLine } from "../format/escape.ts";
import { RECORD_JSON, recordJson, recordText } from "../format/record.ts";
import { kafkaAt, withReader } from "../servers.ts";
import type { JsonOption, Terminal } from "../terminal.ts";

interface TailOptions extends JsonOption {
  number: number;
  follow?: true;
}

export function addTail(program: Command, terminal: Terminal): void {
  withJson(program.command("tail"), {
    example: "tail fleet-events.dead-letter -n 5 --follow",
    json: `one record a line: ${RECORD_JSON}`,
  })
    .description("the newest records of a topic, whatever they hold")
    .argument("<topic>", "its name", id)
    .addOption(new Option("-n, --number <n>", "how many records").argParser(count(0, 1_000)).default(10))
    .option("-f, --follow", "then what comes, until Ctrl-C; waits for a slow reader and leaves nothing out")
    .action((topic: string, options: TailOptions) => {
      const config = readConfig(terminal.env);
      return withReader(config, topic, (reader) => tail(reader, topic, options, terminal, kafkaAt(config)));
    });
}

async function tail(
  reader: TopicReader,
  topic: string,
  options: TailOptions,
  terminal: Terminal,
  kafka: string,
): Promise<void> {
  const print = async (records: TopicRecord[]): Promise<void> => {
    if (records.length === 0) return;
    const asText = (record: TopicRecord) =>
      options.json ? `${jsonLine(recordJson(topic, record))}\n` : recordText(topic, record);
    await terminal.out.write(records.map(asText).join(""));
  };
  const say = (text: string) => void terminal.err.write(`greenlane: ${text}\n`).catch(() => undefined);

  const places = await reader.offsets();
  await print(await newest(reader, places, options.number));
  if (!options.follow) return;
  const stop = terminal.interruption();
  const stopped = new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
  const following = reader.follow({
    from: new Map(places.map(({ partition, high }) => [partition, high])),
    signal: stop,
    onAway: (error) => say(`${kafka} is away, its records follow when it is back: ${escaped(reasonOf(error))}`),
    onBack: () => say(`${kafka} is back`),
  });
  for await (const { records } of following) await Promise.race([print(records), stopped]);
}

/** The newest records of all partitions together, oldest first. */
async function newest(reader: TopicReader, places: PartitionOffsets[], number: number): Promise<TopicRecord[]> {
  const tails = await Promise.all(
    places.map(({ partition, low, high }) => reader.readRange(partition, Math.max(low, high - number), high)),
  );
  const records = tails
    .flat()
    .sort((a, b) => a.timestampMs - b.timestampMs || a.partition - b.partition || a.offset - b.offset);
  return records.slice(Math.max(0, records.length - number));
}
