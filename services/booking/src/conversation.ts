import { type CarMessage__Output, type EngineMessage__Output, idFault } from "@greenlane/contracts";
import { resetStream } from "@greenlane/grpc";
import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import type { Engine } from "./engine.ts";
import type { Guests } from "./guests.ts";
import type { MissedChanges } from "./missedChanges.ts";
import type { Parties, Party } from "./parties.ts";
import { invalid } from "./refusals.ts";
import type { Relocations } from "./relocations.ts";

export type ConversationCall = ServerDuplexStream<CarMessage__Output, EngineMessage__Output>;

/** Whether what a message refers to can be there at all: the database takes no id that breaks its rule. */
function referenceFault({ accept, decline, counter, move }: CarMessage__Output): string | null {
  const ofRequest = accept ?? decline ?? counter;
  if (ofRequest) return idFault("request_id", ofRequest.request_id);
  return move ? idFault("booking_id", move.booking_id) : null;
}

/** Cars that one stream may speak for. */
const MAX_CARS = 20_000;

export interface ConversationParts {
  engine: Engine;
  relocations: Relocations;
  guests: Guests;
  parties: Parties;
  missed: MissedChanges;
}

export interface Conversation {
  /** Ends it with UNAVAILABLE: the client is to come back, here or elsewhere. */
  shutDown(): void;
  /**
   * Called now and then: cuts off a client that does not read, and ends the stream of one that has said all when it has
   * heard all. Looks are counted, not time: a process that is late gives its clients the time that it lost.
   */
  look(): void;
}

/**
 * Serves one stream of Negotiate. A client that does not read what it is told is not read either, and HTTP/2 flow
 * control slows it down; one that has read nothing at so many looks is cut off.
 */
export function converse(
  call: ConversationCall,
  { engine, relocations, guests, parties, missed }: ConversationParts,
  maxStalledLooks: number,
  onClosed: () => void,
): Conversation {
  const cars = new Set<string>();
  let isOver = false;
  let isHalfClosed = false;
  /** Looks in a row at which the client had not read anything of what waits for it. */
  let stalledLooks = 0;

  const onProgress = () => {
    stalledLooks = 0;
  };
  const party: Party = {
    get isOver() {
      return isOver;
    },
    tell(message) {
      if (!isOver && !call.write(message, onProgress)) call.pause();
    },
  };

  function heard(message: CarMessage__Output) {
    if (isOver) return;
    const body = message[message.kind ?? "request"];
    const carId = body?.car_id ?? "";
    const requestId = body !== null && body !== undefined && "request_id" in body ? body.request_id : "";
    const fault =
      message.kind === undefined ? "kind must be set" : (idFault("car_id", carId) ?? referenceFault(message));
    if (fault !== null) {
      party.tell(invalid({ requestId, carId: carId.slice(0, 128) }, fault));
      return;
    }
    if (!cars.has(carId)) {
      if (cars.size >= MAX_CARS) return end(status.RESOURCE_EXHAUSTED, `a stream speaks for ${MAX_CARS} cars at most`);
      cars.add(carId);
    }
    if (parties.join(carId, party)) missed.look(carId);
    engine.reachedBy(carId, party);
    if (message.request) engine.request(message.request, party);
    else if (message.accept) engine.accept(message.accept, party);
    else if (message.decline) engine.decline(message.decline, party);
    else if (message.counter) engine.counter(message.counter, party);
    else if (message.move) engine.track(relocations.move(message.move, party));
    else if (message.presence) guests.present(message.presence, party);
  }

  function end(code: status, details: string) {
    if (isOver) return;
    close();
    call.emit("error", { code, details });
  }

  function close(): void {
    if (isOver) return;
    isOver = true;
    parties.leave(cars, party);
    guests.leave(cars, party);
    onClosed();
  }

  call.on("data", heard);
  call.on("drain", () => call.resume());
  call.on("end", () => {
    isHalfClosed = true;
  });
  call.on("cancelled", close);
  call.on("error", close);
  return {
    shutDown: () => end(status.UNAVAILABLE, "shutting down; come back, here or elsewhere"),
    look() {
      if (isOver) return;
      stalledLooks = call.writableLength === 0 ? 0 : stalledLooks + 1;
      if (stalledLooks > maxStalledLooks) {
        close();
        resetStream(call);
      } else if (isHalfClosed && ![...cars].some((carId) => engine.negotiatesWith(carId))) {
        close();
        call.end();
      }
    },
  };
}
