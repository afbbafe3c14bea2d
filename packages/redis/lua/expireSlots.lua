-- expireSlots: removes the holds that ran out and the bookings whose time is over.
-- KEYS[1] station:{id}:slots  as of holdSlots
-- Returns the ids removed
--#include slots
local _, over = readSlots(nowMs())
return over
