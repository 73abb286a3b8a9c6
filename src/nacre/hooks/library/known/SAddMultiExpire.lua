-- Add members to a set.
-- KEYS[1]   set
-- ARGV[1]   seconds until it ends; 0 or less: never
-- ARGV[2..] members
-- Returns how many members the set has now.

for index = 2, #ARGV do redis.call('SADD', KEYS[1], ARGV[index]) end
local ttl = tonumber(ARGV[1]) or 0
if ttl > 0 then redis.call('EXPIRE', KEYS[1], math.ceil(ttl)) end
return redis.call('SCARD', KEYS[1])
