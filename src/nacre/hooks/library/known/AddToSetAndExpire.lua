-- Add a member to a set, and let the set end some time after the last one.
-- KEYS[1]  set
-- ARGV[1]  member
-- ARGV[2]  seconds until the set ends; 0 or less: never
-- Returns 1 if the member is new, 0 if not.

local new = redis.call('SADD', KEYS[1], ARGV[1])
local ttl = tonumber(ARGV[2]) or 0
if ttl > 0 then redis.call('EXPIRE', KEYS[1], math.ceil(ttl)) end
return new
