-- Where the TimescaleDB extension is: hypertables, compression, retention and continuous aggregates.
-- The names of TimescaleDB 2.13 to 2.22 and later: "compression" is what newer ones also call "columnstore".
--
-- Ingestion takes events up to a day late. After two days a chunk is at rest: its aggregates are final, and it is
-- compressed. What comes later still is stored, and kept once; only the aggregates don't count it.

-- A query over hundreds of chunks looks dear enough for just-in-time compilation, which then takes many times as long
-- as the query itself.
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET jit = off', current_database()); END $$;

-- At 5,000 events a second a chunk of six hours has 108 million rows.
SELECT create_hypertable('telemetry', 'time', chunk_time_interval => interval '6 hours', create_default_indexes => false);
ALTER TABLE telemetry SET (timescaledb.compress, timescaledb.compress_segmentby = 'car_id', timescaledb.compress_orderby = 'time DESC');
SELECT add_compression_policy('telemetry', interval '2 days');
SELECT add_retention_policy('telemetry', interval '90 days');

-- What was billed stays as long as books must be kept. (grid_prices, a row a quarter hour, is an ordinary table that
-- nothing is removed from.)
SELECT create_hypertable('charging_sessions', 'time', chunk_time_interval => interval '7 days', create_default_indexes => false);
ALTER TABLE charging_sessions SET (timescaledb.compress, timescaledb.compress_segmentby = 'car_id', timescaledb.compress_orderby = 'session_id, time DESC');
SELECT add_compression_policy('charging_sessions', interval '7 days');
SELECT add_retention_policy('charging_sessions', interval '10 years');

-- Hours and minutes that are not aggregated yet are read from the rows themselves: a view is never behind its table.
CREATE MATERIALIZED VIEW energy_by_station_hourly WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket(interval '1 hour', time) AS hour, station_id, sum(kwh_usage) AS kwh, sum(kwh_usage * price_rate) AS cost
FROM charging_sessions GROUP BY 1, 2 WITH NO DATA;
SELECT add_continuous_aggregate_policy('energy_by_station_hourly',
  start_offset => interval '7 days', end_offset => interval '1 hour', schedule_interval => interval '30 minutes');

CREATE MATERIALIZED VIEW telemetry_by_car_minute WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket(interval '1 minute', time) AS minute, car_id, count(*) AS reports,
       min(battery_percent) AS battery_min, max(battery_percent) AS battery_max, avg(velocity_kmh) AS velocity_mean
FROM telemetry GROUP BY 1, 2 WITH NO DATA;
SELECT add_continuous_aggregate_policy('telemetry_by_car_minute',
  start_offset => interval '2 days', end_offset => interval '1 minute', schedule_interval => interval '5 minutes');
ALTER MATERIALIZED VIEW telemetry_by_car_minute SET (timescaledb.compress, timescaledb.compress_segmentby = 'car_id', timescaledb.compress_orderby = 'minute DESC');
SELECT add_compression_policy('telemetry_by_car_minute', interval '7 days');
SELECT add_retention_policy('telemetry_by_car_minute', interval '1 year');
