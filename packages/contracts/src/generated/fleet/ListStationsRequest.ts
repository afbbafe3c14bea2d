// Original file: proto/fleet.proto


export interface ListStationsRequest {
  'station_ids'?: (string)[];
  'latitude'?: (number | string);
  'longitude'?: (number | string);
  'radius_km'?: (number | string);
}

export interface ListStationsRequest__Output {
  'station_ids': (string)[];
  'latitude': (number);
  'longitude': (number);
  'radius_km': (number);
}
