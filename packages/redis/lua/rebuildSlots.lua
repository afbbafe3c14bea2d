-- rebuildSlots: puts a station's bookings, as the database has them, in place, and says that they are complete. Slots
-- that came meanwhile stay; a booking that the database has no longer is removed by those who ended it.
-- KEYS[1] station:{id}:slots  as of holdSlots
-- ARGV    4 a booking: id, connector, startMs, endMs
-- Returns how many slots the station has
--#include slots
for n = 1, #ARGV, 4 do writeSlot(ARGV[n], ARGV[n + 1], tonumber(ARGV[n + 2]), tonumber(ARGV[n + 3]), 0) end
-- A version that was never before, also when Redis has been emptied since: changes are far fewer than microseconds.
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], COMPLETE, string.format('%.0f', time[1] * 1000000 + time[2]))
return redis.call('HLEN', KEYS[1]) - 1
