-- holdSlots: holds slots of a station's connectors for a while, each unless it overlaps one that is held or booked, or
-- one that this call has held just before.
-- KEYS[1] station:{id}:slots  hash, field = id of a hold or booking, value = "connector|startMs|endMs|deadlineMs";
--                             deadline 0: booked. Field "@": the slots are complete, rebuilt from the database; a
--                             number that is another one after each change.
-- ARGV[1]  ttlMs
-- ARGV[2…] 5 a hold: id, connector, startMs, endMs, and the id whose slot it is to replace ("" for none), which
--          stays for now and is no obstacle to this hold
-- Returns  2 a hold, in their order:
--          "held", deadlineMs     held (also when the id holds this slot already, until the later deadline of the two; 0
--                                 when it has booked it)
--          "taken", freeFromMs    overlaps; the last that it overlaps on this connector ends then
--          "other", 0             the id holds or has booked another slot
--          "unknown", 0           the slots are not known: they are to be rebuilt first
--#include slots
local atMs, complete, answer = nowMs(), isComplete(), {}
local deadlineMs = atMs + tonumber(ARGV[1])

-- Read when the first slot is new: one that is held for longer stands already, and need not be compared with others.
local standing
local function hold(id, connector, startMs, endMs, replaces)
  if not complete then return 'unknown', 0 end
  local own = readSlot(id, atMs)
  if own then
    local same = own.connector == connector and own.startMs == startMs and own.endMs == endMs
    if not same then return 'other', 0 end
    if own.deadlineMs == 0 or own.deadlineMs >= deadlineMs then return 'held', own.deadlineMs end
    writeSlot(id, connector, startMs, endMs, deadlineMs)
    return 'held', deadlineMs
  end
  standing = standing or readSlots(atMs)
  local freeFromMs = overlapEnd(standing, connector, startMs, endMs, replaces)
  if freeFromMs > 0 then return 'taken', freeFromMs end
  writeSlot(id, connector, startMs, endMs, deadlineMs)
  addSlot(standing, { id = id, connector = connector, startMs = startMs, endMs = endMs, deadlineMs = deadlineMs })
  return 'held', deadlineMs
end

for n = 2, #ARGV, 5 do
  local kind, ms = hold(ARGV[n], ARGV[n + 1], tonumber(ARGV[n + 2]), tonumber(ARGV[n + 3]), ARGV[n + 4])
  answer[#answer + 1] = kind
  answer[#answer + 1] = ms
end
return answer
