// Original file: proto/fleet.proto


export interface CarPresence {
  'car_id'?: (string);
  'capacity_kwh'?: (number | string);
  'consumption_kwh_per_km'?: (number | string);
  'max_power_kw'?: (number | string);
  'connector_types'?: (string)[];
  'idle'?: (boolean);
}

export interface CarPresence__Output {
  'car_id': (string);
  'capacity_kwh': (number);
  'consumption_kwh_per_km': (number);
  'max_power_kw': (number);
  'connector_types': (string)[];
  'idle': (boolean);
}
