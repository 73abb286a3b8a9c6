-- Forget what one rule counted and banned for one subject.
-- KEYS[1] entity
-- ARGV[1] tag of the rule
-- Returns 1 if there was something to forget, otherwise 0.

local value = redis.call('GET', KEYS[1])
if not value then
  return 0
end
local entity = read(KEYS[1], value)
local _, index = find(entity, tonumber(ARGV[1]))
if not index then
  return 0
end
table.remove(entity.windows, index)
redis.call('SET', KEYS[1], format(entity), 'KEEPTTL')
return 1
