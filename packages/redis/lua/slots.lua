-- slots: what the scripts on a station's slots share; included before them.
local COMPLETE = '@'

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function isComplete() return redis.call('HEXISTS', KEYS[1], COMPLETE) == 1 end

local function parse(value)
  local connector, startMs, endMs, deadlineMs = string.match(value, '^(.*)|(%d+)|(%d+)|(%d+)$')
  return { connector = connector, startMs = tonumber(startMs), endMs = tonumber(endMs), deadlineMs = tonumber(deadlineMs) }
end

-- Whether a slot stands no longer: a hold that ran out, or a booking whose time is over.
local function isOver(slot, atMs)
  return slot.endMs <= atMs or (slot.deadlineMs ~= 0 and slot.deadlineMs <= atMs)
end

-- The slot of an id; nil when it has none, or none any more.
local function readSlot(id)
  local value = redis.call('HGET', KEYS[1], id)
  if not value then return nil end
  local slot = parse(value)
  if not isOver(slot, nowMs()) then return slot end
  redis.call('HDEL', KEYS[1], id)
  return nil
end

local function writeSlot(id, connector, startMs, endMs, deadlineMs)
  redis.call('HSET', KEYS[1], id, string.format('%s|%.0f|%.0f|%.0f', connector, startMs, endMs, deadlineMs))
end

-- When the last slot that overlaps an interval on a connector ends; 0 when none does. Removes what is over.
local function overlapEnd(connector, startMs, endMs, exceptId)
  local atMs, freeFromMs = nowMs(), 0
  local all = redis.call('HGETALL', KEYS[1])
  for n = 1, #all, 2 do
    local id = all[n]
    if id ~= COMPLETE and id ~= exceptId then
      local slot = parse(all[n + 1])
      if isOver(slot, atMs) then
        redis.call('HDEL', KEYS[1], id)
      elseif slot.connector == connector and slot.startMs < endMs and startMs < slot.endMs then
        freeFromMs = math.max(freeFromMs, slot.endMs)
      end
    end
  end
  return freeFromMs
end
