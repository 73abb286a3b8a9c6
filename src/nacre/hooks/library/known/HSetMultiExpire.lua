-- Set fields of a hash.
-- KEYS[1]   hash
-- ARGV[1]   seconds until it ends; 0 or less: never
-- ARGV[2..] field, value, field, value ...
-- Returns how many fields are new.

local new = 0
for index = 2, #ARGV - 1, 2 do new = new + redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1]) end
local ttl = tonumber(ARGV[1]) or 0
if ttl > 0 then redis.call('EXPIRE', KEYS[1], math.ceil(ttl)) end
return new
