import { GROUPS, TOPIC_SPECS, TOPICS } from "@greenlane/contracts";
import { lagOf, type PartitionLag, type PartitionOffsets, type TopicAdmin } from "@greenlane/kafka";
import type { Command } from "commander";
import { withJson } from "../arguments.ts";
import { readConfig } from "../config.ts";
import { escaped } from "../format/escape.ts";
import { andMore, type Column, table } from "../format/table.ts";
import { withTopics } from "../servers.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

interface TopicState {
  topic: string;
  partitions: PartitionOffsets[];
}

interface GroupState {
  group: string;
  topic: string;
  partitions: PartitionLag[];
}

/** Topics and groups beyond these are counted, not asked for. */
const MAX_TOPICS = 50;
const MAX_GROUPS = 50;

export function addTopics(program: Command, terminal: Terminal): void {
  withJson(program.command("topics"), {
    example: "topics",
    json: "{topics: [{topic, records, partitions: [{partition, first_offset, next_offset, records}]}], groups: [{group_id, topic, lag, partitions: [{partition, committed_offset|null, lag}]}], missing: [topic], more_topics, more_groups}",
  })
    .description("topics with their partitions and offsets, and how far each consumer group is behind")
    .action(async (options: JsonOption) => {
      const found = await withTopics(readConfig(terminal.env), ask);
      await answer(terminal, options, asJson(found), () => asText(found));
    });
}

interface Found {
  topics: TopicState[];
  groups: GroupState[];
  /** Topics of GreenLane's that are not there. */
  missing: string[];
  moreTopics: number;
  moreGroups: number;
}

async function ask(admin: TopicAdmin): Promise<Found> {
  const ours = TOPIC_SPECS.map(({ name }): string => name);
  // Names that begin with two underscores are Kafka's own.
  const standing = (await admin.topicNames()).filter((name) => !name.startsWith("__"));
  const names = [
    ...ours.filter((name) => standing.includes(name)),
    ...standing.filter((name) => !ours.includes(name)).sort(),
  ];
  const topics = await Promise.all(
    names.slice(0, MAX_TOPICS).map(async (topic) => ({ topic, partitions: await admin.offsets(topic) })),
  );
  const groupIds = await admin.groupIds();
  const groups = await Promise.all(groupIds.slice(0, MAX_GROUPS).map((groupId) => groupStates(admin, groupId, topics)));
  return {
    topics,
    groups: withOurs(groups.flat(), topics),
    missing: ours.filter((name) => !standing.includes(name)),
    moreTopics: Math.max(0, names.length - MAX_TOPICS),
    moreGroups: Math.max(0, groupIds.length - MAX_GROUPS),
  };
}

async function groupStates(admin: TopicAdmin, group: string, topics: TopicState[]): Promise<GroupState[]> {
  const committed = Map.groupBy(await admin.committed(group), ({ topic }) => topic);
  return topics
    .filter(({ topic }) => committed.has(topic))
    .map(({ topic, partitions }) => {
      const at = new Map(committed.get(topic)?.map(({ partition, offset }) => [partition, offset]));
      return { group, topic, partitions: partitions.map((place) => lagOf(place, at.get(place.partition))) };
    });
}

/** The groups whose lag matters are there also when they have committed nothing yet. */
function withOurs(groups: GroupState[], topics: TopicState[]): GroupState[] {
  const events = topics.find(({ topic }) => topic === TOPICS.fleetEvents);
  if (events === undefined) return groups;
  const missing = Object.values(GROUPS).filter((ours) => !groups.some(({ group }) => group === ours));
  const partitions = events.partitions.map((place) => lagOf(place, undefined));
  return [...missing.map((group) => ({ group, topic: events.topic, partitions })), ...groups];
}

const recordsOf = ({ low, high }: PartitionOffsets) => high - low;
const sum = <Item>(items: Item[], of: (item: Item) => number) => items.reduce((total, item) => total + of(item), 0);

const asJson = ({ topics, groups, missing, moreTopics, moreGroups }: Found) => ({
  topics: topics.map(({ topic, partitions }) => ({
    topic,
    records: sum(partitions, recordsOf),
    partitions: partitions.map((place) => ({
      partition: place.partition,
      first_offset: place.low,
      next_offset: place.high,
      records: recordsOf(place),
    })),
  })),
  groups: groups.map(({ group, topic, partitions }) => ({
    group_id: group,
    topic,
    lag: sum(partitions, ({ lag }) => lag),
    partitions: partitions.map(({ partition, committed, lag }) => ({
      partition,
      committed_offset: committed ?? null,
      lag,
    })),
  })),
  missing,
  more_topics: moreTopics,
  more_groups: moreGroups,
});

interface TopicLine {
  topic: string;
  partition: number | "all";
  first: number | "";
  next: number | "";
  records: number;
}

const TOPIC_COLUMNS: Column<TopicLine>[] = [
  { title: "TOPIC", cell: ({ topic }) => topic },
  { title: "PARTITION", cell: ({ partition }) => partition, align: "right" },
  { title: "FIRST", cell: ({ first }) => first, align: "right" },
  { title: "NEXT", cell: ({ next }) => next, align: "right" },
  { title: "RECORDS", cell: ({ records }) => records, align: "right" },
];

const topicLines = ({ topic, partitions }: TopicState): TopicLine[] => [
  ...partitions.map((place) => ({
    topic,
    partition: place.partition,
    first: place.low,
    next: place.high,
    records: recordsOf(place),
  })),
  { topic, partition: "all", first: "", next: "", records: sum(partitions, recordsOf) },
];

interface GroupLine {
  group: string;
  topic: string;
  partition: number | "all";
  committed: number | string;
  lag: number;
}

const GROUP_COLUMNS: Column<GroupLine>[] = [
  { title: "GROUP", cell: ({ group }) => group },
  { title: "TOPIC", cell: ({ topic }) => topic },
  { title: "PARTITION", cell: ({ partition }) => partition, align: "right" },
  { title: "COMMITTED", cell: ({ committed }) => committed, align: "right" },
  { title: "LAG", cell: ({ lag }) => lag, align: "right" },
];

const groupLines = ({ group, topic, partitions }: GroupState): GroupLine[] => [
  ...partitions.map(({ partition, committed, lag }) => ({ group, topic, partition, committed: committed ?? "–", lag })),
  { group, topic, partition: "all", committed: "", lag: sum(partitions, ({ lag }) => lag) },
];

function asText({ topics, groups, missing, moreTopics, moreGroups }: Found): string {
  let text = topics.length === 0 ? "no topics\n" : table(TOPIC_COLUMNS, topics.flatMap(topicLines));
  text += andMore(moreTopics, "topics");
  if (groups.length > 0) text += `\n${table(GROUP_COLUMNS, groups.flatMap(groupLines))}`;
  text += andMore(moreGroups, "groups");
  if (missing.length > 0) text += `\nmissing: ${missing.map(escaped).join(", ")} (make up makes them)\n`;
  return text;
}
