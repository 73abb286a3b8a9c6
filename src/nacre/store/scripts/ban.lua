-- Begin the ban of one rule for one subject, unless one is in force.
-- A ban stops the clock of its window: what was counted stays as old as it was, so that
-- the budget after the ban is as used up as it was before.
-- KEYS[1] entity
-- ARGV    packed: tag u32, now f64, seconds of the first ban f64, factor f64, longest ban f64,
--         seconds after a ban within which the next one is a repetition f64, least seconds to live f64
-- Returns {1 begun | 0 in force, until as text, strikes}.

local tag, now, first, factor, longest, memory, least = struct.unpack('<I4dddddd', ARGV[1])
local lib = entities()
local entity = lib.read(KEYS[1])
local w = lib.find(entity, tag)
if w.banned and now < w.until_ then
  return { 0, string.format('%.17g', w.until_), w.strikes }
end
if w.banned and now - w.until_ < memory then
  w.strikes = math.min(w.strikes + 1, 255)
else
  w.strikes = 0
end
local length = math.min(first * factor ^ w.strikes, longest)
local shift = math.floor(length / w.grain)
local ticks, counts = lib.unpack_ticks(w)
for i = 1, #ticks do
  ticks[i] = ticks[i] + shift
end
lib.pack_ticks(w, ticks, counts)
w.banned, w.armed, w.until_ = true, false, now + length
local left = redis.call('TTL', KEYS[1])
redis.call('SET', KEYS[1], lib.format(entity), 'EX', math.ceil(math.max(left, length + least)))
return { 1, string.format('%.17g', w.until_), w.strikes }
