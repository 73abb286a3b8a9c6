-- Keep a model, and forget the oldest beyond a number, but never one that is pointed to.
-- KEYS[1..4]  state, models, what is known of them, reports: hashes
-- KEYS[5]     versions in the order in which they came, a sorted set
-- ARGV[1]     fencing number of whoever trained it, '' if nobody did
-- ARGV[2..5]  version, model, what is known of it, report ('' for none)
-- ARGV[6]     how many models are kept
-- Returns 1, or 0 if another one trains by now.

local held = redis.call('HGET', KEYS[1], 'fence') or ''
if ARGV[1] ~= '' and held ~= ARGV[1] then
  return 0
end
local version = ARGV[2]
redis.call('HSET', KEYS[2], version, ARGV[3])
redis.call('HSET', KEYS[3], version, ARGV[4])
if ARGV[5] ~= '' then
  redis.call('HSET', KEYS[4], version, ARGV[5])
end
redis.call('ZADD', KEYS[5], redis.call('HINCRBY', KEYS[1], 'kept', 1), version)
local spare = redis.call('ZCARD', KEYS[5]) - tonumber(ARGV[6])
if spare > 0 then
  local used = { [version] = true }
  for _, pointer in ipairs(redis.call('HMGET', KEYS[1], 'current', 'previous', 'challenger')) do
    if pointer then
      used[pointer] = true
    end
  end
  for _, old in ipairs(redis.call('ZRANGE', KEYS[5], 0, -1)) do
    if spare > 0 and not used[old] then
      for i = 2, 4 do
        redis.call('HDEL', KEYS[i], old)
      end
      redis.call('ZREM', KEYS[5], old)
      spare = spare - 1
    end
  end
end
return 1
