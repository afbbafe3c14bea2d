-- releaseLease: gives a lease back, if it is the holder's still. Doing it twice is the same as once.
-- KEYS[1] lease:{name}  as of acquireLease
-- ARGV    holder
-- Returns 1 when it was the holder's, else 0
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
