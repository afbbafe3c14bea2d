/** GEO set of car ids: where every car is now. */
export const FLEET_LOCATIONS_KEY = "fleet:locations";

/** Sorted set of car ids scored by the time (Unix ms) of their last report: who fell silent. */
export const FLEET_LAST_SEEN_KEY = "fleet:last-seen";

/** Hash of a car's last report: battery (%), velocity (km/h), timestamp (Unix ms), and more. */
export function carKey(carId: string): string {
  return `car:${carId}`;
}

/** Hash of a station's held and booked slots. The braces make it one hash slot of a Redis Cluster, whatever the id holds. */
export function stationSlotsKey(stationId: string): string {
  return `station:{${stationId}}:slots`;
}

/** GEO set of station ids: where the stations are. */
export const STATION_LOCATIONS_KEY = "stations:locations";

/** Who does for now what only one process may do. The braces make it one hash slot, as with a station's slots. */
export function leaseKey(name: string): string {
  return `lease:{${name}}`;
}

/** Channel of the requests that a zone's booking processes give to the one that matches for all. */
export const zoneWishesChannel = (zone: string): string => `matching:${zone}:wishes`;

/** Channel of what became of a booking process's requests. */
export const matchAnswersChannel = (instance: string): string => `matching:answers:${instance}`;
