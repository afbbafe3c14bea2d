-- recordPosition: takes a car's report, unless it is older than the one held: of recordPositions what concerns the car's
-- own key, for a cluster, where this key is on one node and the map of all cars on another.
-- KEYS[1]  car:{id}  hash of the car's last report
-- ARGV[1]  timestamp (Unix ms)
-- ARGV[2…] fields and values, the timestamp among them
-- Returns  "written", "older", or "odd" when the key holds something that is no hash, which is left as it is
local held = redis.pcall('HGET', KEYS[1], 'timestamp')
if type(held) == 'table' then return 'odd' end
if held and tonumber(held) > tonumber(ARGV[1]) then return 'older' end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return 'written'
