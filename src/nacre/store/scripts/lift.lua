-- Forget what one rule counted and banned for one subject.
-- KEYS[1] entity
-- ARGV[1] tag of the rule
-- Returns 1 if there was something to forget, otherwise 0.

local lib = entities()
local entity = lib.read(KEYS[1])
local w, index = lib.find(entity, tonumber(ARGV[1]))
if w.ticks == '' and not w.banned then
  return 0
end
table.remove(entity.windows, index)
redis.call('SET', KEYS[1], lib.format(entity), 'KEEPTTL')
return 1
