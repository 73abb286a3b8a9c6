-- Keep rows of one day: each behind the last of its slice, over an older one, or not at all, so that in the end
-- every row that came to a slice has had the same chance to be in it.
-- KEYS[1]            rows that came to each slice, a hash
-- KEYS[2 ...]        slices: rows of one size each, one after the other
-- ARGV[1]            seconds that a slice lives, from its first row on
-- ARGV[2s], [2s+1]   bytes of a row of KEYS[s + 1], and how many it may hold
-- then three for each row: the slice as a position in KEYS, a number of [0, 1) drawn for the row, the row
-- Returns how many rows came to a slice that was empty.

local slices, came, sizes, rooms, fields = #KEYS - 1, {}, {}, {}, {}
for s = 1, slices do
  sizes[s], rooms[s], fields[s] = tonumber(ARGV[2 * s]), tonumber(ARGV[2 * s + 1]), s
end
local counted = redis.call('HMGET', KEYS[1], unpack(fields))
local new, counts = {}, {}
for s = 1, slices do
  came[s] = tonumber(counted[s] or 0)
  new[s] = came[s] == 0
end
for i = 2 * slices + 2, #ARGV, 3 do
  local s = tonumber(ARGV[i]) - 1
  local place = came[s]
  if place >= rooms[s] then
    place = math.floor(tonumber(ARGV[i + 1]) * (came[s] + 1))
  end
  came[s] = came[s] + 1
  if place < rooms[s] then
    redis.call('SETRANGE', KEYS[s + 1], string.format('%d', place * sizes[s]), ARGV[i + 2])
  end
end
local begun = 0
for s = 1, slices do
  if came[s] > 0 then
    counts[#counts + 1], counts[#counts + 2] = s, string.format('%d', came[s])
    if new[s] then
      begun = begun + 1
      redis.call('EXPIRE', KEYS[s + 1], ARGV[1])
    end
  end
end
redis.call('HSET', KEYS[1], unpack(counts))
redis.call('EXPIRE', KEYS[1], ARGV[1], 'NX')
return begun
