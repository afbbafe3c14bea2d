-- releaseSlot: gives a held or booked slot back. Doing it twice is the same as once.
-- KEYS[1] station:{id}:slots  as of holdSlot
-- ARGV    id
-- Returns 1 when the id had a slot, else 0
return redis.call('HDEL', KEYS[1], ARGV[1])
