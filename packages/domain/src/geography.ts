/** A point on Earth, degrees, WGS84. */
export interface Point {
  latitude: number;
  longitude: number;
}

/** Mean Earth radius, km (IUGG). */
const EARTH_RADIUS_KM = 6371.0088;

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** A point with what its distances to many others have in common. */
export interface Place {
  sinLatitude: number;
  cosLatitude: number;
  /** Degrees. */
  longitude: number;
}

export function placeOf({ latitude, longitude }: Point): Place {
  return { sinLatitude: Math.sin(radians(latitude)), cosLatitude: Math.cos(radians(latitude)), longitude };
}

/** Great-circle distance in km. */
export const distanceKm = (a: Point, b: Point): number => arcKm(placeOf(a), placeOf(b));

/**
 * The same between places, by T. Vincenty's formula (Survey Review 23, 1975) on a sphere: unlike the haversine, exact to
 * the last digits at every distance, antipodes too.
 */
export function arcKm(a: Place, b: Place): number {
  const dLongitude = radians(b.longitude - a.longitude);
  const cosLongitude = Math.cos(dLongitude);
  const across = b.cosLatitude * Math.sin(dLongitude);
  const along = a.cosLatitude * b.sinLatitude - a.sinLatitude * b.cosLatitude * cosLongitude;
  return (
    EARTH_RADIUS_KM *
    Math.atan2(
      Math.sqrt(across * across + along * along),
      a.sinLatitude * b.sinLatitude + a.cosLatitude * b.cosLatitude * cosLongitude,
    )
  );
}

/**
 * The point a share (0 to 1) of the way from a to b, on a straight line of the map: right for the span of a city.
 * Where the shorter way round crosses the 180th meridian, so does the line.
 */
export function pointBetween(a: Point, b: Point, share: number): Point {
  const apart = b.longitude - a.longitude;
  const longitudeB = Math.abs(apart) <= 180 ? b.longitude : b.longitude - Math.sign(apart) * 360;
  const longitude = a.longitude * (1 - share) + longitudeB * share;
  return {
    latitude: a.latitude * (1 - share) + b.latitude * share,
    longitude: Math.abs(longitude) <= 180 ? longitude : longitude - Math.sign(longitude) * 360,
  };
}
