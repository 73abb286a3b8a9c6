-- Take the lease of the one who trains or watches, or keep it.
-- KEYS[1]  lease: its holder
-- KEYS[2]  state, which counts the holders
-- ARGV[1]  who asks
-- ARGV[2]  milliseconds that the lease lasts
-- Returns the holder's number, higher than that of all before, or 0 if somebody else holds it.

local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(redis.call('HGET', KEYS[2], 'fence') or 0)
elseif holder then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('HINCRBY', KEYS[2], 'fence', 1)
