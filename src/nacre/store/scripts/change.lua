-- Change what all instances know of the network, and values in a hash beside it, if it is as expected.
-- KEYS[1]  state, a hash
-- KEYS[2]  the hash beside it
-- ARGV[1]  how many fields of the state are expected to have a value
-- ARGV[2]  how many of its fields change
-- ARGV[3]  1 if all instances have to look again, 0 if not
-- then pairs of field and value: what is expected ('' for none), what changes ('' removes it), what is put beside it
-- Returns 1 if it was as expected, otherwise 0, and nothing is changed.

local at = 4
for _ = 1, tonumber(ARGV[1]) do
  if (redis.call('HGET', KEYS[1], ARGV[at]) or '') ~= ARGV[at + 1] then
    return 0
  end
  at = at + 2
end
local function put(key, field, value)
  if value == '' then
    redis.call('HDEL', key, field)
  else
    redis.call('HSET', key, field, value)
  end
end
for _ = 1, tonumber(ARGV[2]) do
  put(KEYS[1], ARGV[at], ARGV[at + 1])
  at = at + 2
end
while at < #ARGV do
  put(KEYS[2], ARGV[at], ARGV[at + 1])
  at = at + 2
end
if ARGV[3] == '1' then
  redis.call('HINCRBY', KEYS[1], 'revision', 1)
end
return 1
