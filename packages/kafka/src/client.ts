import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Logger, list } from "@greenlane/runtime";
import { type ISocketFactory, Kafka, type logCreator, logLevel } from "kafkajs";
import { z } from "zod";

/** What each process that speaks to Kafka reads from its environment. */
export const kafkaEnv = {
  KAFKA_BROKERS: list("localhost:19092"),
  /** How long a request to the broker may take, ms. */
  KAFKA_REQUEST_TIMEOUT_MS: z.coerce.number().int().min(100).max(120_000).default(5_000),
};

export interface KafkaConfig {
  KAFKA_BROKERS: string[];
  KAFKA_REQUEST_TIMEOUT_MS: number;
}

/** kafkajs writes its log through ours; what it calls an error while it retries is a warning here. */
function logThrough(logger: Logger): logCreator {
  return () =>
    ({ level, log }) => {
      const { message, ...rest } = log;
      const details = { kafka: { error: rest.error, broker: rest.broker, groupId: rest.groupId } };
      if (level <= logLevel.WARN) logger.warn(details, message);
      else logger.debug(details, message);
    };
}

/** Without Nagle's algorithm: a request must not wait for the acknowledgement of the packets of the one before it. */
const connectAtOnce: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket = ssl
    ? connectTls({ host, port, servername: host, ...ssl }, onConnect)
    : connectTcp({ host, port }, onConnect);
  return socket.setKeepAlive(true, 60_000).setNoDelay(true);
};

/**
 * A Kafka client. It connects when its producers, consumers and admins do.
 * @param retries how often a request that failed is tried again; few where somebody waits for the answer
 */
export function createKafka(config: KafkaConfig, clientId: string, logger: Logger, retries = 5): Kafka {
  return new Kafka({
    clientId,
    brokers: config.KAFKA_BROKERS,
    connectionTimeout: 3_000,
    requestTimeout: config.KAFKA_REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries },
    socketFactory: connectAtOnce,
    logLevel: logLevel.WARN,
    logCreator: logThrough(logger),
  });
}
