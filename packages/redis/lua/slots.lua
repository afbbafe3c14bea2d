-- slots: what the scripts on a station's slots share; included before them.
local COMPLETE = '@'

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function isComplete() return redis.call('HEXISTS', KEYS[1], COMPLETE) == 1 end

-- Counts a change: the mark of a station whose slots are known is its slots' version, another number after each change.
local function countChange()
  if isComplete() then redis.call('HINCRBY', KEYS[1], COMPLETE, 1) end
end

local function writeSlot(id, connector, startMs, endMs, deadlineMs)
  redis.call('HSET', KEYS[1], id, string.format('%s|%.0f|%.0f|%.0f', connector, startMs, endMs, deadlineMs))
  countChange()
end

-- Returns how many there were: 1 or 0.
local function removeSlot(id)
  local removed = redis.call('HDEL', KEYS[1], id)
  if removed == 1 then countChange() end
  return removed
end

local function parse(id, value)
  local connector, startMs, endMs, deadlineMs = string.match(value, '^(.*)|(%d+)|(%d+)|(%d+)$')
  return {
    id = id, connector = connector,
    startMs = tonumber(startMs), endMs = tonumber(endMs), deadlineMs = tonumber(deadlineMs),
  }
end

-- Whether a slot stands no longer: a hold that ran out, or a booking whose time is over.
local function isOver(slot, atMs)
  return slot.endMs <= atMs or (slot.deadlineMs ~= 0 and slot.deadlineMs <= atMs)
end

-- The slot that an id has; nil when it has none that stands.
local function readSlot(id, atMs)
  local value = redis.call('HGET', KEYS[1], id)
  local slot = value and parse(id, value)
  if slot and not isOver(slot, atMs) then return slot end
end

local function addSlot(standing, slot)
  standing.byId[slot.id] = slot
  local onConnector = standing.byConnector[slot.connector]
  if not onConnector then
    onConnector = {}
    standing.byConnector[slot.connector] = onConnector
  end
  onConnector[#onConnector + 1] = slot
end

-- Every slot that stands, by id and by connector, and the ids of those that are over, which it removes.
local function readSlots(atMs)
  local standing, over = { byId = {}, byConnector = {} }, {}
  local all = redis.call('HGETALL', KEYS[1])
  for n = 1, #all, 2 do
    if all[n] ~= COMPLETE then
      local slot = parse(all[n], all[n + 1])
      if isOver(slot, atMs) then
        removeSlot(slot.id)
        over[#over + 1] = slot.id
      else
        addSlot(standing, slot)
      end
    end
  end
  return standing, over
end

-- When the last slot that overlaps an interval on a connector ends; 0 when none does.
local function overlapEnd(standing, connector, startMs, endMs, exceptId)
  local freeFromMs = 0
  for _, slot in ipairs(standing.byConnector[connector] or {}) do
    if slot.id ~= exceptId and slot.startMs < endMs and startMs < slot.endMs then
      freeFromMs = math.max(freeFromMs, slot.endMs)
    end
  end
  return freeFromMs
end
