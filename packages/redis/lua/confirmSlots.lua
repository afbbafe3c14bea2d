-- confirmSlots: records bookings that the database has committed, whatever was held before: the database decides.
-- KEYS[1] station:{id}:slots  as of holdSlots
-- ARGV    4 a booking: id, connector, startMs, endMs
-- Returns how many it recorded
--#include slots
for n = 1, #ARGV, 4 do writeSlot(ARGV[n], ARGV[n + 1], tonumber(ARGV[n + 2]), tonumber(ARGV[n + 3]), 0) end
return #ARGV / 4
