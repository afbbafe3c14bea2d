import { matchAnswersChannel, zoneWishesChannel } from "@greenlane/contracts";
import type { ChargeRequest } from "@greenlane/domain";
import { type Leases, type Redis, subscribe } from "@greenlane/redis";
import type { Runtime } from "@greenlane/runtime";
import type { Database } from "@greenlane/timescale";
import { holdLease } from "./holdLease.ts";
import type { Matchmaker } from "./matchmaker.ts";
import { Relay } from "./relay.ts";
import type { MatchAnswer, Wish } from "./wish.ts";

/** What a process matches with. */
export type ZoneMatcher = Pick<Matchmaker, "waiting" | "submit" | typeof Symbol.asyncDispose>;

export interface ZoneParts {
  redis: Redis;
  leases: Leases;
  database: Database;
  matchmaker: ZoneMatcher;
}

export interface ZoneOptions {
  zone: string;
  /** This process, among those of the zone. */
  holder: string;
  leaseMs: number;
  redisUrl: string;
}

/** A request under way to the process that matches for all, and its answer under way back; by the asker's number. */
interface GivenRequest {
  id: number;
  request: ChargeRequest;
}
interface GivenAnswer {
  id: number;
  answer: MatchAnswer;
}
interface RequestsMessage {
  from: string;
  requests: GivenRequest[];
}

/** How often those wishes are looked for that nobody else matches. Looks are counted, not time: who is late has yet to hear. */
const LOOK_MS = 250;
/** Wishes are matched here when the process that they were given to has said nothing for so many looks. */
const SILENT_LOOKS = 6;
/** A wish is matched here at the latest after so many: a process may speak, and yet be stuck. */
const PATIENT_LOOKS = 40;

/**
 * One of a zone's processes matches for all, so that a herd is matched as one, to whichever processes it came: the one
 * with the zone's lease. The others give it their requests by Redis, and get the answers back. This makes matches
 * better; that no slot is sold twice is not its doing. So where there is no such process, or it has died or was paused,
 * each matches its own.
 */
export class ZoneMatching implements AsyncDisposable {
  readonly #matchmaker: ZoneMatcher;
  readonly #relay: Relay<GivenRequest>;
  /** Those that were given away, by number, in the order of giving. */
  readonly #given = new Map<number, { wish: Wish; sinceLook: number }>();
  readonly #open = new AsyncDisposableStack();
  #numbers = 0;
  #matchesForAll = false;
  #looks = 0;
  #heardAtLook = 0;

  private constructor(parts: ZoneParts, { zone, holder: from }: ZoneOptions) {
    this.#matchmaker = parts.matchmaker;
    this.#relay = new Relay(
      parts.redis,
      zoneWishesChannel(zone),
      (requests) => ({ from, requests }) satisfies RequestsMessage,
      (requests) => {
        for (const { id } of requests) this.#takeBack(id);
      },
    );
  }

  /** Joins the processes of a zone. */
  static join(parts: ZoneParts, options: ZoneOptions, runtime: Runtime): ZoneMatching {
    const zone = new ZoneMatching(parts, options);
    zone.#start(parts, options, runtime);
    return zone;
  }

  /** Requests that wait to be matched, here or elsewhere. */
  get waiting(): number {
    return this.#matchmaker.waiting + this.#given.size;
  }

  submit(wish: Wish): void {
    if (this.#matchesForAll) this.#matchmaker.submit(wish);
    else {
      const id = ++this.#numbers;
      this.#given.set(id, { wish, sinceLook: this.#looks });
      this.#relay.send({ id, request: wish.request });
    }
  }

  #start(parts: ZoneParts, { zone, holder, leaseMs, redisUrl }: ZoneOptions, runtime: Runtime): void {
    const onAnswers = (message: string) => {
      this.#heardAtLook = this.#looks;
      const { answers } = JSON.parse(message) as { answers: GivenAnswer[] };
      for (const { id, answer } of answers) this.#answered(id, answer);
    };
    this.#open.use(subscribe(redisUrl, matchAnswersChannel(holder), onAnswers, runtime.logger));
    const looking = setInterval(() => this.#takeBackForgotten(), LOOK_MS);
    this.#open.defer(() => clearInterval(looking));
    const relays = new Map<string, Relay<GivenAnswer>>();
    const relayTo = (from: string) => {
      const relay =
        relays.get(from) ??
        new Relay<GivenAnswer>(
          parts.redis,
          matchAnswersChannel(from),
          (answers) => ({ answers }),
          () => {
            relays.delete(from); // it is gone, and what is held for it ends by itself
          },
        );
      relays.set(from, relay);
      return relay;
    };
    const onRequests = (message: string) => {
      const { from, requests } = JSON.parse(message) as RequestsMessage;
      relayTo(from).beat(); // in a herd, the first answer may take longer than others wait for a word
      for (const { id, request } of requests) {
        const answer = (given: MatchAnswer) => relayTo(from).send({ id, answer: given });
        this.#matchmaker.submit({ request, stillWanted: () => true, answer });
      }
    };
    const matchForAll = async (_: unknown, signal: AbortSignal) => {
      using _hearing = subscribe(redisUrl, zoneWishesChannel(zone), onRequests, runtime.logger);
      this.#matchesForAll = true;
      for (const id of [...this.#given.keys()]) this.#takeBack(id); // who matched before is gone
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      this.#matchesForAll = false;
    };
    const lease = { leases: parts.leases, database: parts.database, name: `matching:${zone}`, holder, ttlMs: leaseMs };
    this.#open.use(holdLease(lease, matchForAll, runtime));
  }

  #answered(id: number, answer: MatchAnswer): void {
    const given = this.#given.get(id);
    this.#given.delete(id);
    // What was taken back has been matched here; what is held for it twice ends by itself.
    given?.wish.answer(answer);
  }

  /** Nobody matches what was given away: it is matched here. */
  #takeBack(id: number): void {
    const given = this.#given.get(id);
    this.#given.delete(id);
    if (given !== undefined) this.#matchmaker.submit(given.wish);
  }

  #takeBackForgotten(): void {
    this.#looks++;
    const isSilent = this.#looks - this.#heardAtLook >= SILENT_LOOKS;
    const untilLook = this.#looks - (isSilent ? SILENT_LOOKS : PATIENT_LOOKS);
    for (const [id, { sinceLook }] of this.#given) {
      if (sinceLook > untilLook) return;
      this.#takeBack(id);
    }
  }

  /** Resolves when what waits here is matched. */
  async settled(): Promise<void> {
    await this.#matchmaker[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open.disposeAsync();
    for (const id of [...this.#given.keys()]) this.#takeBack(id);
    await this.settled();
  }
}
