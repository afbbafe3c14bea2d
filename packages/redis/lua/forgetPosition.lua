-- forgetPosition: forgets a car's last report, if it has not reported since.
-- KEYS[1] car:{id}  hash of the car's last report
-- ARGV[1] a report older than this (Unix ms) is forgotten
-- Returns 1 when there is none now, else 0
local held = redis.call('HGET', KEYS[1], 'timestamp')
if held and tonumber(held) >= tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
return 1
