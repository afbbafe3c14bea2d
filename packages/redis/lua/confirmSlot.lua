-- confirmSlot: records a booking that the database has committed, whatever was held before: the database decides.
-- KEYS[1] station:{id}:slots  as of holdSlot
-- ARGV    id, connector, startMs, endMs
-- Returns "booked"
--#include slots
writeSlot(ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), 0)
return 'booked'
