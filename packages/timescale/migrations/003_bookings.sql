-- Who has which connector when. Redis decides fast; here is decided last: no two bookings of a connector overlap.

-- Text in an exclusion constraint.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE stations (
  station_id text             PRIMARY KEY CHECK (station_id <> ''),
  name       text             NOT NULL,
  latitude   double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
  longitude  double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180)
);

CREATE TABLE connectors (
  station_id     text             NOT NULL REFERENCES stations,
  connector_id   text             NOT NULL CHECK (connector_id <> ''),
  power_kw       double precision NOT NULL CHECK (power_kw > 0 AND power_kw < 'Infinity'),
  connector_type text             NOT NULL,
  status         text             NOT NULL DEFAULT 'available' CHECK (status IN ('available', 'out-of-order')),
  PRIMARY KEY (station_id, connector_id)
);

CREATE FUNCTION tell_stations_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NOTIFY stations_changed;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON stations
  FOR EACH ROW EXECUTE FUNCTION tell_stations_changed();
CREATE TRIGGER tell_change AFTER INSERT OR UPDATE OR DELETE ON connectors
  FOR EACH ROW EXECUTE FUNCTION tell_stations_changed();

-- States are those of OCPI's Bookings module. One that was refused may have no connector, or no slot.
CREATE TABLE bookings (
  booking_id     text             PRIMARY KEY CHECK (booking_id <> ''),
  request_id     text             NOT NULL CHECK (request_id <> ''),
  car_id         text             NOT NULL CHECK (car_id <> ''),
  station_id     text,
  connector_id   text,
  slot           tstzrange        CHECK (lower_inc(slot) AND NOT upper_inc(slot) AND NOT upper_inf(slot) AND lower(slot) > '-infinity' AND upper(slot) < 'infinity'),
  state          text             NOT NULL CHECK (state IN ('PENDING', 'RESERVED', 'REJECTED', 'FAILED', 'FULFILLED', 'CANCELED', 'NO_SHOW')),
  kwh            double precision NOT NULL CHECK (kwh >= 0 AND kwh < 'Infinity'),
  price_per_kwh  double precision NOT NULL CHECK (price_per_kwh > '-Infinity' AND price_per_kwh < 'Infinity'),
  reason         text             NOT NULL DEFAULT '' CHECK (char_length(reason) <= 500),
  request        jsonb            NOT NULL,
  request_digest text             NOT NULL,
  checked_in_at  timestamptz,
  ended_at       timestamptz,
  created_at     timestamptz      NOT NULL DEFAULT statement_timestamp(),
  updated_at     timestamptz      NOT NULL DEFAULT statement_timestamp(),
  version        int              NOT NULL DEFAULT 1,
  FOREIGN KEY (station_id, connector_id) REFERENCES connectors,
  CONSTRAINT bookings_have_a_slot CHECK (state IN ('REJECTED', 'FAILED') OR num_nulls(station_id, connector_id, slot) = 0),
  CONSTRAINT bookings_check_in CHECK ((state = 'FULFILLED') = (checked_in_at IS NOT NULL)),
  CONSTRAINT bookings_end CHECK (ended_at IS NULL OR state = 'FULFILLED'),
  -- A car that has checked in keeps its connector for its slot. Ids decide; their hash, which goes before them, is what
  -- the index finds its way by: with texts there a row costs three times as much.
  CONSTRAINT bookings_no_overlap EXCLUDE USING gist (
      hashtextextended(connector_id, hashtextextended(station_id, 0)) WITH =, slot WITH &&, station_id WITH =, connector_id WITH =)
    WHERE (state IN ('PENDING', 'RESERVED', 'FULFILLED'))
);
-- A car has one booking ahead of it, and a request becomes a booking once.
CREATE UNIQUE INDEX bookings_one_a_car ON bookings (car_id) WHERE state IN ('PENDING', 'RESERVED');
CREATE UNIQUE INDEX bookings_one_a_request ON bookings (car_id, request_id) WHERE state NOT IN ('REJECTED', 'FAILED');
-- Which cars are expected, the longest ago first; which are there, and until when; the lists of operators, by the start
-- of the slot.
CREATE INDEX bookings_expected ON bookings (lower(slot)) WHERE state IN ('PENDING', 'RESERVED');
CREATE INDEX bookings_there ON bookings (upper(slot)) WHERE state = 'FULFILLED';
CREATE INDEX bookings_time ON bookings (coalesce(lower(slot), created_at));
CREATE INDEX bookings_car_time ON bookings (car_id, coalesce(lower(slot), created_at));
CREATE INDEX bookings_station_time ON bookings (station_id, coalesce(lower(slot), created_at));

-- What a booking may become, and (from NULL) how it may be born.
CREATE FUNCTION booking_may_become(earlier text, later text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE coalesce(earlier, 'BORN')
    WHEN 'BORN' THEN later IN ('PENDING', 'RESERVED', 'REJECTED', 'FAILED')
    WHEN 'PENDING' THEN later IN ('RESERVED', 'REJECTED', 'FAILED')
    WHEN 'RESERVED' THEN later IN ('FULFILLED', 'CANCELED', 'NO_SHOW')
    ELSE false
  END
$$;

CREATE FUNCTION refuse_birth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a booking may not be born %', NEW.state USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER guard_birth BEFORE INSERT ON bookings
  FOR EACH ROW WHEN (NOT booking_may_become(NULL, NEW.state)) EXECUTE FUNCTION refuse_birth();

CREATE FUNCTION guard_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> OLD.state AND NOT booking_may_become(OLD.state, NEW.state) THEN
    RAISE EXCEPTION 'booking % is % and may not become %', OLD.booking_id, OLD.state, NEW.state USING ERRCODE = 'check_violation';
  ELSIF OLD.state IN ('REJECTED', 'FAILED', 'CANCELED', 'NO_SHOW') THEN
    RAISE EXCEPTION 'booking % is % and stays as it is', OLD.booking_id, OLD.state USING ERRCODE = 'check_violation';
  ELSIF (NEW.booking_id, NEW.car_id, NEW.request_id) <> (OLD.booking_id, OLD.car_id, OLD.request_id) THEN
    RAISE EXCEPTION 'booking % stays that of its car and request', OLD.booking_id USING ERRCODE = 'check_violation';
  END IF;
  NEW.version := OLD.version + 1;
  NEW.updated_at := greatest(OLD.updated_at, clock_timestamp());
  RETURN NEW;
END $$;
CREATE TRIGGER guard_change BEFORE UPDATE ON bookings FOR EACH ROW EXECUTE FUNCTION guard_change();

-- What is still to be told of bookings: written with the change itself, removed when Kafka has it. What Kafka refuses is
-- put aside, for an operator to look at: without put_aside_at it is tried again.
CREATE TABLE booking_outbox (
  event_id     bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  car_id       text   NOT NULL,
  event_type   text   NOT NULL,
  event        json   NOT NULL,
  put_aside_at timestamptz
);

CREATE FUNCTION booking_event(event_id bigint, event_type text, booking bookings) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'event_id', event_id, 'event_type', event_type, 'booking_id', booking.booking_id, 'car_id', booking.car_id,
    'station_id', coalesce(booking.station_id, ''), 'connector_id', coalesce(booking.connector_id, ''),
    'status', CASE booking.state WHEN 'PENDING' THEN 0 WHEN 'RESERVED' THEN 1 WHEN 'FULFILLED' THEN 1 WHEN 'NO_SHOW' THEN 3 ELSE 2 END,
    'state', booking.state, 'timestamp', floor(extract(epoch FROM booking.updated_at) * 1000)::bigint,
    'price_rate', booking.price_per_kwh, 'start', coalesce(floor(extract(epoch FROM lower(booking.slot)) * 1000)::bigint, 0),
    'end', coalesce(floor(extract(epoch FROM upper(booking.slot)) * 1000)::bigint, 0), 'kwh', booking.kwh,
    'request_id', booking.request_id, 'reason', booking.reason, 'version', booking.version)
$$;

CREATE FUNCTION event_type_of_state(state text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE state
    WHEN 'PENDING' THEN 'booking_pending' WHEN 'RESERVED' THEN 'booking_confirmed' WHEN 'CANCELED' THEN 'booking_canceled'
    WHEN 'NO_SHOW' THEN 'booking_expired' WHEN 'FULFILLED' THEN 'charging_started' ELSE 'booking_failed'
  END
$$;

CREATE FUNCTION tell_births() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO booking_outbox (event_id, car_id, event_type, event)
  SELECT id, told.car_id, type, booking_event(id, type, told.booking)
  FROM (
    SELECT nextval('booking_outbox_event_id_seq') AS id, event_type_of_state(state) AS type, car_id, ROW(born.*)::bookings AS booking
    FROM born
  ) AS told;
  IF FOUND THEN NOTIFY booking_outbox; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_births AFTER INSERT ON bookings REFERENCING NEW TABLE AS born
  FOR EACH STATEMENT EXECUTE FUNCTION tell_births();

CREATE FUNCTION tell_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO booking_outbox (event_id, car_id, event_type, event)
  SELECT id, told.car_id, type, booking_event(id, type, told.booking)
  FROM (
    SELECT nextval('booking_outbox_event_id_seq') AS id, type, car_id, booking
    FROM (
      SELECT later.car_id, ROW(later.*)::bookings AS booking, CASE
          WHEN later.state <> earlier.state THEN event_type_of_state(later.state)
          WHEN later.ended_at IS NOT NULL AND earlier.ended_at IS NULL THEN 'charging_ended'
          WHEN later.state = 'RESERVED' AND (later.station_id, later.connector_id, later.slot, later.kwh, later.price_per_kwh)
            <> (earlier.station_id, earlier.connector_id, earlier.slot, earlier.kwh, earlier.price_per_kwh) THEN 'booking_moved'
        END AS type
      FROM earlier JOIN later USING (booking_id)
    ) AS changed WHERE type IS NOT NULL
  ) AS told;
  IF FOUND THEN NOTIFY booking_outbox; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_changes AFTER UPDATE ON bookings REFERENCING OLD TABLE AS earlier NEW TABLE AS later
  FOR EACH STATEMENT EXECUTE FUNCTION tell_changes();

-- Fencing tokens: the newest holder of a name has the greatest, and the work of older ones is refused.
CREATE TABLE fences (
  name  text   PRIMARY KEY,
  token bigint NOT NULL
);

-- A booked session carries its booking's id: what its energy cost at the grid's prices, and at the price locked.
CREATE VIEW billed_sessions AS
SELECT booking_id, car_id, session.station_id, min(time) AS started_at, max(time) AS last_at, sum(kwh_usage) AS kwh,
       sum(kwh_usage * price_rate) / sum(kwh_usage) AS grid_price_per_kwh, price_per_kwh AS locked_price_per_kwh,
       sum(kwh_usage * price_rate) AS grid_cost, sum(kwh_usage) * price_per_kwh AS locked_cost
FROM charging_sessions AS session JOIN bookings USING (car_id)
WHERE session_id = booking_id
GROUP BY booking_id, car_id, session.station_id;
