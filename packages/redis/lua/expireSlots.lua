-- expireSlots: removes the holds that ran out and the bookings whose time is over.
-- KEYS[1] station:{id}:slots  as of holdSlot
-- Returns the ids removed
--#include slots
local atMs, removed = nowMs(), {}
local all = redis.call('HGETALL', KEYS[1])
for n = 1, #all, 2 do
  if all[n] ~= COMPLETE and isOver(parse(all[n + 1]), atMs) then
    redis.call('HDEL', KEYS[1], all[n])
    removed[#removed + 1] = all[n]
  end
end
return removed
