-- What the log says, made askable. Every table is keyed so that an event that comes twice is stored once.

CREATE TABLE telemetry (
  time            timestamptz      NOT NULL,
  car_id          text             NOT NULL,
  latitude        double precision NOT NULL,
  longitude       double precision NOT NULL,
  battery_percent double precision NOT NULL,
  velocity_kmh    double precision NOT NULL,
  station_id      text,
  session_id      text,
  energy_kwh      double precision,
  odometer_km     double precision,
  UNIQUE (car_id, time)
);
-- Rows come nearly in the order of their time: a block range index costs a writer next to nothing.
CREATE INDEX telemetry_time ON telemetry USING brin (time) WITH (pages_per_range = 512, autosummarize = on);

-- A session's id is its car's own: two cars may use the same.
CREATE TABLE charging_sessions (
  time       timestamptz      NOT NULL,
  session_id text             NOT NULL,
  station_id text             NOT NULL,
  car_id     text             NOT NULL,
  kwh_usage  double precision NOT NULL CHECK (kwh_usage > 0),
  price_rate double precision NOT NULL,
  UNIQUE (car_id, session_id, time)
);
CREATE INDEX charging_sessions_station_time ON charging_sessions (station_id, time DESC);
CREATE INDEX charging_sessions_car_time ON charging_sessions (car_id, time DESC);
CREATE INDEX charging_sessions_time ON charging_sessions USING brin (time) WITH (pages_per_range = 512, autosummarize = on);

-- The last meter reading accounted for, a session: what the next reading adds is its difference to this one.
CREATE TABLE session_meters (
  car_id     text             NOT NULL,
  session_id text             NOT NULL,
  read_at    timestamptz      NOT NULL,
  energy_kwh double precision NOT NULL,
  PRIMARY KEY (car_id, session_id)
);

CREATE TABLE grid_prices (
  valid_from    timestamptz      PRIMARY KEY,
  valid_until   timestamptz      NOT NULL,
  price_per_kwh double precision NOT NULL,
  grid_load     text             NOT NULL,
  energy_source text             NOT NULL
);
