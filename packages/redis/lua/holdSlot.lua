-- holdSlot: holds a slot of a connector for a while, unless it overlaps one that is held or booked.
-- KEYS[1] station:{id}:slots  hash, field = id of a hold or booking, value = "connector|startMs|endMs|deadlineMs";
--                             deadline 0: booked. Field "@": the slots are complete, rebuilt from the database.
-- ARGV    id, connector, startMs, endMs, ttlMs
-- Returns {"held", deadlineMs}    held (the same answer when the id holds this slot already)
--         {"taken", freeFromMs}   overlaps; the last that it overlaps on this connector ends then
--         {"other", 0}            the id holds or has booked another slot
--         {"unknown", 0}          the slots are not known: they are to be rebuilt first
--#include slots
if not isComplete() then return { 'unknown', 0 } end
local id, connector, startMs, endMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local standing = readSlot(id)
if standing then
  local same = standing.connector == connector and standing.startMs == startMs and standing.endMs == endMs
  return same and { 'held', standing.deadlineMs } or { 'other', 0 }
end
local freeFromMs = overlapEnd(connector, startMs, endMs, id)
if freeFromMs > 0 then return { 'taken', freeFromMs } end
local deadlineMs = nowMs() + tonumber(ARGV[5])
writeSlot(id, connector, startMs, endMs, deadlineMs)
return { 'held', deadlineMs }
