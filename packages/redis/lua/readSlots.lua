-- readSlots: the slots of stations, of those only that have changed since they were read last.
-- KEYS    station:{id}:slots  as of holdSlots; field "@", where the slots are known, is their version
-- ARGV    of each key the version that is known already, "" for none
-- Returns of each key nil where that is the version still, else all fields and values in turn as one text, with U+0000
--         between them, which the database keeps in no id; "" where there is no such key
local found = {}
for n, key in ipairs(KEYS) do
  local version = redis.call('HGET', key, '@')
  if version and version == ARGV[n] then
    found[n] = false
  else
    found[n] = table.concat(redis.call('HGETALL', key), '\0')
  end
end
return found
