-- Add a member to a sorted set and drop those of a range of scores.
-- KEYS[1]  sorted set
-- ARGV[1]  score
-- ARGV[2]  member
-- ARGV[3]  least score to drop
-- ARGV[4]  greatest score to drop
-- ARGV[5]  seconds until the set ends; 0 or less: never
-- Returns how many members the set has now.

redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], ARGV[3], ARGV[4])
local ttl = tonumber(ARGV[5]) or 0
if ttl > 0 then redis.call('EXPIRE', KEYS[1], math.ceil(ttl)) end
return redis.call('ZCARD', KEYS[1])
