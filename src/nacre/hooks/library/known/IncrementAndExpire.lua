-- Count one, and let the counter end some time after the last one.
-- KEYS[1]  counter
-- ARGV[1]  seconds until it ends; 0 or less: never
-- Returns the count.

local count = redis.call('INCR', KEYS[1])
local ttl = tonumber(ARGV[1]) or 0
if ttl > 0 then redis.call('EXPIRE', KEYS[1], math.ceil(ttl)) end
return count
