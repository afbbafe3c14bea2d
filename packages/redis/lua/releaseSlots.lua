-- releaseSlots: gives held or booked slots back. Doing it twice is the same as once.
-- KEYS[1] station:{id}:slots  as of holdSlots
-- ARGV    ids
-- Returns how many of the ids had a slot
--#include slots
local released = 0
for _, id in ipairs(ARGV) do released = released + removeSlot(id) end
return released
