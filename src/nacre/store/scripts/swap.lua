-- Write profiles that were computed outside, each only upon the reading that it was computed from.
-- KEYS[i]       profile
-- ARGV[3i-2]    bytes 3 to 6 of the value it was computed from, '' if there was none
-- ARGV[3i-1]    new value
-- ARGV[3i]      seconds to live
-- Returns for each profile 1 if it was written, otherwise the value that is there now, nil for none,
-- or the error of a key that holds no string.

local outcome = {}
for i = 1, #KEYS do
  local held = redis.pcall('GETRANGE', KEYS[i], 2, 5)
  if type(held) == 'table' then
    outcome[i] = held
  elseif held == ARGV[3 * i - 2] then
    redis.call('SET', KEYS[i], ARGV[3 * i - 1], 'EX', ARGV[3 * i])
    outcome[i] = 1
  else
    outcome[i] = redis.call('GET', KEYS[i])
  end
end
return outcome
