import { type DefaultPartitioner, Partitioners } from "kafkajs";

/** Cars whose partition is remembered; past it the memory begins anew. */
const MAX_REMEMBERED = 200_000;

/**
 * kafkajs's default partitioner (murmur2 of the key, as in the Java client) with a memory:
 * the hash of a car's id is the same for each of its reports, and costs more than a look-up.
 */
export function rememberingPartitioner(): ReturnType<DefaultPartitioner> {
  const hash = Partitioners.DefaultPartitioner();
  let partitionOfKey = new Map<string, number>();
  let partitions = 0;
  return (args) => {
    const { key } = args.message;
    if (typeof key !== "string") return hash(args);
    if (args.partitionMetadata.length !== partitions || partitionOfKey.size >= MAX_REMEMBERED) {
      partitions = args.partitionMetadata.length;
      partitionOfKey = new Map();
    }
    let partition = partitionOfKey.get(key);
    if (partition === undefined) {
      partition = hash(args);
      partitionOfKey.set(key, partition);
    }
    return partition;
  };
}
