-- acquireLease: takes a lease that nobody holds, or prolongs the holder's own. Server time; doing it twice is the same
-- as once, but for the end.
-- KEYS[1] lease:{name}  string: who holds it; gone when the lease has run out
-- ARGV    holder, ttlMs
-- Returns 1 when the lease is the holder's now, else 0
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
