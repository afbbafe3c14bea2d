-- Where the TimescaleDB extension is: hypertables, compression, retention and continuous aggregates.

SELECT create_hypertable('telemetry', 'time', chunk_time_interval => interval '1 day');
SELECT create_hypertable('charging_sessions', 'time', chunk_time_interval => interval '7 days');

ALTER TABLE telemetry SET (timescaledb.compress, timescaledb.compress_segmentby = 'car_id', timescaledb.compress_orderby = 'time DESC');
SELECT add_compression_policy('telemetry', interval '7 days');
SELECT add_retention_policy('telemetry', interval '90 days');
ALTER TABLE charging_sessions SET (timescaledb.compress, timescaledb.compress_segmentby = 'station_id', timescaledb.compress_orderby = 'time DESC');
SELECT add_compression_policy('charging_sessions', interval '30 days');

CREATE MATERIALIZED VIEW energy_by_station_hourly WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket(interval '1 hour', time) AS hour, station_id, sum(kwh_usage) AS kwh, sum(kwh_usage * price_rate) AS cost
FROM charging_sessions GROUP BY 1, 2 WITH NO DATA;
SELECT add_continuous_aggregate_policy('energy_by_station_hourly',
  start_offset => interval '3 days', end_offset => interval '1 hour', schedule_interval => interval '30 minutes');

CREATE MATERIALIZED VIEW telemetry_by_car_minute WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket(interval '1 minute', time) AS minute, car_id, count(*) AS reports,
       min(battery_percent) AS battery_min, max(battery_percent) AS battery_max, avg(velocity_kmh) AS velocity_mean
FROM telemetry GROUP BY 1, 2 WITH NO DATA;
SELECT add_continuous_aggregate_policy('telemetry_by_car_minute',
  start_offset => interval '1 day', end_offset => interval '1 minute', schedule_interval => interval '1 minute');
