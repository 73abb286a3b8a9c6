-- Keep what somebody says of an attempt in the place of what the same giver said of it before, or take it back.
-- Beyond what a giver may have said, that giver's oldest claim goes; beyond what all may, the oldest of all.
-- KEYS[1]     claims by name: giver and attempt
-- KEYS[2]     names by number, a sorted set; the numbers ascend
-- KEYS[3]     giver, number and attempt in one, a sorted set in the order of the letters
-- KEYS[4]     state, which counts the numbers
-- ARGV[1..2]  giver and attempt, 16 characters each
-- ARGV[3]     claim, '' takes it back
-- ARGV[4..5]  claims that one giver, and all together, can have
-- ARGV[6]     number of the claim that is taken back, '' for whichever it is
-- Returns its number; where it is taken back, 1 if there was one, otherwise 0.

local function drop(name)
  local number = redis.call('ZSCORE', KEYS[2], name)
  if number then
    redis.call('HDEL', KEYS[1], name)
    redis.call('ZREM', KEYS[2], name)
    redis.call('ZREM', KEYS[3], name:sub(1, 16) .. string.format('%016d', number) .. name:sub(17))
  end
  return number and 1 or 0
end

local giver, name = ARGV[1], ARGV[1] .. ARGV[2]
if ARGV[6] ~= '' and redis.call('ZSCORE', KEYS[2], name) ~= ARGV[6] then
  return 0
end
local before = drop(name)
if ARGV[3] == '' then
  return before
end
local number = redis.call('HINCRBY', KEYS[4], 'claimed', 1)
redis.call('HSET', KEYS[1], name, ARGV[3])
redis.call('ZADD', KEYS[2], number, name)
redis.call('ZADD', KEYS[3], 0, giver .. string.format('%016d', number) .. ARGV[2])
local from, to = '[' .. giver, '[' .. giver .. '~'
if redis.call('ZLEXCOUNT', KEYS[3], from, to) > tonumber(ARGV[4]) then
  local oldest = redis.call('ZRANGEBYLEX', KEYS[3], from, to, 'LIMIT', 0, 1)[1]
  drop(giver .. oldest:sub(33))
end
if redis.call('ZCARD', KEYS[2]) > tonumber(ARGV[5]) then
  drop(redis.call('ZRANGE', KEYS[2], 0, 0)[1])
end
return number
