-- Where the TimescaleDB extension is not: the same names, as views over ordinary tables. Nothing is removed by age.
-- Hours and minutes are UTC's, as in TimescaleDB, whatever the session's time zone.

CREATE VIEW energy_by_station_hourly AS
SELECT date_trunc('hour', time, 'UTC') AS hour, station_id, sum(kwh_usage) AS kwh, sum(kwh_usage * price_rate) AS cost
FROM charging_sessions GROUP BY 1, 2;

CREATE VIEW telemetry_by_car_minute AS
SELECT date_trunc('minute', time, 'UTC') AS minute, car_id, count(*) AS reports,
       min(battery_percent) AS battery_min, max(battery_percent) AS battery_max, avg(velocity_kmh) AS velocity_mean
FROM telemetry GROUP BY 1, 2;
