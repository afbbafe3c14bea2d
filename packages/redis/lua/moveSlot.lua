-- moveSlot: changes the slot of a hold or booking, unless the new one overlaps another's.
-- KEYS[1] station:{id}:slots  as of holdSlots
-- ARGV    id, connector, startMs, endMs
-- Returns {"moved", 0}            moved (or it stood there already)
--         {"taken", freeFromMs}   overlaps; nothing changed
--         {"gone", 0}             the id has no slot
--         {"unknown", 0}          the slots are not known: they are to be rebuilt first
--#include slots
if not isComplete() then return { 'unknown', 0 } end
local id, connector, startMs, endMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local standing = readSlots(nowMs())
local own = standing.byId[id]
if not own then return { 'gone', 0 } end
local freeFromMs = overlapEnd(standing, connector, startMs, endMs, id)
if freeFromMs > 0 then return { 'taken', freeFromMs } end
writeSlot(id, connector, startMs, endMs, own.deadlineMs)
return { 'moved', 0 }
