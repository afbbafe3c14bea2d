-- recordPositions: takes the newest report of each of some cars; a report older than the one held changes nothing.
-- Then forgets some of the cars that have not reported for a long time, so that ids that never come again don't stay.
-- KEYS[1]   fleet:locations  GEO set of car ids
-- KEYS[2]   fleet:last-seen  sorted set, score = Unix ms of the last report, member = car id
-- KEYS[2+n] car:{id}         hash of the n-th car's last report
-- ARGV[1]   cars last seen before this (Unix ms) are forgotten
-- ARGV[2]   what the keys of cars' hashes begin with
-- ARGV[3…]  11 a car: car id, lat, lon, timestamp (Unix ms), battery, velocity,
--           charging_station_id, session_id, energy_kwh, odometer_km, "1" when GEO can hold the place
-- Returns   {older, odd}: how many reports were older than what was held, and how many cars' keys hold something that
--           is no hash, which is left as it is
local FIELDS = 11
local FORGET_AT_ONCE = 100
local older, odd = 0, 0
for n = 1, #KEYS - 2 do
  local at = 2 + (n - 1) * FIELDS
  local car, hash = ARGV[at + 1], KEYS[2 + n]
  local held = redis.pcall('HGET', hash, 'timestamp')
  if type(held) == 'table' then
    odd = odd + 1
  elseif held and tonumber(held) > tonumber(ARGV[at + 4]) then
    older = older + 1
  else
    redis.call('HSET', hash, 'lat', ARGV[at + 2], 'lon', ARGV[at + 3], 'timestamp', ARGV[at + 4],
      'battery', ARGV[at + 5], 'velocity', ARGV[at + 6], 'charging_station_id', ARGV[at + 7],
      'session_id', ARGV[at + 8], 'energy_kwh', ARGV[at + 9], 'odometer_km', ARGV[at + 10])
    redis.call('ZADD', KEYS[2], ARGV[at + 4], car)
    if ARGV[at + 11] == '1' then
      redis.call('GEOADD', KEYS[1], ARGV[at + 3], ARGV[at + 2], car)
    else
      redis.call('ZREM', KEYS[1], car)
    end
  end
end
local gone = redis.call('ZRANGE', KEYS[2], '-inf', '(' .. ARGV[1], 'BYSCORE', 'LIMIT', 0, FORGET_AT_ONCE)
for _, car in ipairs(gone) do
  redis.call('ZREM', KEYS[1], car)
  redis.call('ZREM', KEYS[2], car)
  redis.call('DEL', ARGV[2] .. car)
end
return { older, odd }
