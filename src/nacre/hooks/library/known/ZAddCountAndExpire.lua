-- Add a member to a sorted set, and write down beside it how many it has.
-- KEYS[1]  sorted set
-- KEYS[2]  hash for the count
-- ARGV[1]  score
-- ARGV[2]  member
-- ARGV[3]  field of the hash
-- ARGV[4]  seconds until both end; 0 or less: never
-- Returns the count.

redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
local count = redis.call('ZCARD', KEYS[1])
redis.call('HSET', KEYS[2], ARGV[3], count)
local ttl = math.ceil(tonumber(ARGV[4]) or 0)
for index = 1, ttl > 0 and 2 or 0 do redis.call('EXPIRE', KEYS[index], ttl) end
return count
