/** Cars of one stream that are told news: those that came first. The reports of all are acked. */
export const MAX_CARS_A_STREAM = 10_000;

/** Where each car that speaks on this instance is told something: where it came to speak last. */
export class CarsHere<Place> {
  readonly #places = new Map<string, Place>();

  join(carId: string, place: Place): void {
    this.#places.set(carId, place);
  }

  /** The place is no more: these cars that came to speak there last cannot be told anything. */
  leave(carIds: Iterable<string>, place: Place): void {
    for (const carId of carIds) if (this.#places.get(carId) === place) this.#places.delete(carId);
  }

  of(carId: string): Place | undefined {
    return this.#places.get(carId);
  }
}
