/** A point on Earth, degrees, WGS84. */
export interface Point {
  latitude: number;
  longitude: number;
}

/** Mean Earth radius, km (IUGG). */
const EARTH_RADIUS_KM = 6371.0088;

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/**
 * Great-circle distance in km, by T. Vincenty's formula (Survey Review 23, 1975) on a sphere: unlike the haversine,
 * exact to the last digits at every distance, antipodes too.
 */
export function distanceKm(a: Point, b: Point): number {
  const [latitudeA, latitudeB] = [radians(a.latitude), radians(b.latitude)];
  const dLongitude = radians(b.longitude - a.longitude);
  const [sinA, cosA, sinB, cosB] = [Math.sin(latitudeA), Math.cos(latitudeA), Math.sin(latitudeB), Math.cos(latitudeB)];
  const across = cosB * Math.sin(dLongitude);
  const along = cosA * sinB - sinA * cosB * Math.cos(dLongitude);
  return (
    EARTH_RADIUS_KM *
    Math.atan2(Math.sqrt(across * across + along * along), sinA * sinB + cosA * cosB * Math.cos(dLongitude))
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
