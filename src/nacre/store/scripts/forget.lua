-- Overwrite rows with zeros, those that are still where they were read.
-- KEYS[1]            slice of the journal
-- ARGV[1]            bytes of a row
-- ARGV[2i], [2i+1]   position of a row, and its first 8 bytes
-- Returns how many were there.

local size, gone = tonumber(ARGV[1]), 0
local nothing = string.rep('\0', size)
for i = 2, #ARGV, 2 do
  local from = tonumber(ARGV[i]) * size
  if redis.call('GETRANGE', KEYS[1], string.format('%d', from), string.format('%d', from + 7)) == ARGV[i + 1] then
    redis.call('SETRANGE', KEYS[1], string.format('%d', from), nothing)
    gone = gone + 1
  end
end
return gone
