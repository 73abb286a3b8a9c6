-- Count one outcome in the entities of an attempt, once for each request id.
-- KEYS[1]   claim of the request id in this slot
-- KEYS[2..] entities; the first one remembers repeated wrong passwords for all of them
-- ARGV[1]   Unix seconds of the outcome
-- ARGV[2]   '1' accepted, '0' rejected
-- ARGV[3]   seconds for which the claim is kept
-- ARGV[4]   packed: account, password (0 none), origin, device (0 none) as u32,
--           seconds a password is remembered u32, passwords remembered u8, day u16
-- ARGV[5..] one plan per entity, packed: flags u8 (1 remembers logins' origins, 2 repeats),
--           seconds to live u32, the same with origins u32, windows u8,
--           windows x (tag u32, grain f64, period f64, cap u8, limit u32, counts accepted u8)
-- Returns {0} if the request id was counted before, otherwise {1, repeated 0|1},
-- followed by the values of all entities if a window reached its limit.

local now, accepted = tonumber(ARGV[1]), ARGV[2] == '1'
local account, password, origin, device, memory, allowed, day = struct.unpack('<I4I4I4I4I4BI2', ARGV[4])
local MAX_REPEATS, MAX_ORIGINS = 32, 64

-- Whether this account failed with this password here before; remembers it either way.
local function repeats(entity)
  local kept, same, seen, oldest, oldest_at = {}, 0, false, nil, nil
  for at = 1, #entity.repeats, 12 do
    local who, what, last = struct.unpack('<I4I4I4', entity.repeats, at)
    if now - last < memory then
      if who == account and what == password then
        seen = true
      else
        kept[#kept + 1] = string.sub(entity.repeats, at, at + 11)
        if who == account then
          same = same + 1
          oldest = oldest or #kept
        end
      end
    end
  end
  if same >= allowed then
    table.remove(kept, oldest)
  elseif #kept >= MAX_REPEATS then
    table.remove(kept, 1)
  end
  kept[#kept + 1] = struct.pack('<I4I4I4', account, password, math.floor(now))
  entity.repeats = table.concat(kept)
  return seen
end

-- Move a subnet or device to the end of those that the account signed in from.
local function remember(entity, place)
  local kept = {}
  for at = 1, #entity.origins, 6 do
    local known = struct.unpack('<I4', entity.origins, at)
    if known ~= place then
      kept[#kept + 1] = string.sub(entity.origins, at, at + 5)
    end
  end
  if #kept >= MAX_ORIGINS then
    table.remove(kept, 1)
  end
  kept[#kept + 1] = struct.pack('<I4I2', place, day)
  entity.origins = table.concat(kept)
end

-- Count one event now; returns the events within the period.  A ban in force stops the clock.
local function add(w, grain, period, cap)
  if now < w.until_ then
    return 0
  end
  if w.grain ~= grain then
    regrain(w, grain)
  end
  local tick = math.floor(now / grain)
  local ticks, counts = unpack_ticks(w)
  local place = #ticks
  while place > 0 and ticks[place] > tick do
    place = place - 1
  end
  if ticks[place] == tick and counts[place] < FULL then
    counts[place] = counts[place] + 1
  else
    table.insert(ticks, place + 1, tick)
    table.insert(counts, place + 1, 1)
  end
  local oldest, first = math.floor((math.max(now, ticks[#ticks] * grain) - period) / grain), 1
  while first <= #ticks and (ticks[first] < oldest or #ticks - first >= cap) do
    first = first + 1
  end
  local left, left_counts, total = {}, {}, 0
  for i = first, #ticks do
    left[#left + 1], left_counts[#left_counts + 1] = ticks[i], counts[i]
    total = total + counts[i]
  end
  w.armed = true
  pack_ticks(w, left, left_counts)
  return total
end

local values, entities = redis.call('MGET', unpack(KEYS, 2)), {}
for i, value in ipairs(values) do
  entities[i] = read(KEYS[1 + i], value) -- before anything is written: all of it counts, or nothing
end
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[3]) then
  return { 0 }
end
local repeated, tripped = false, false
for i, entity in ipairs(entities) do
  local plan, changed = ARGV[4 + i], false
  local flags, short, long, windows, at = struct.unpack('<BI4I4B', plan)
  if flags >= 2 and not accepted and password ~= 0 then
    repeated = repeats(entity)
    changed = true
  end
  if flags % 2 == 1 and accepted then
    remember(entity, origin)
    if device ~= 0 then
      remember(entity, device)
    end
    changed = true
  end
  for _ = 1, windows do
    local tag, grain, period, cap, limit, counts_accepted
    tag, grain, period, cap, limit, counts_accepted, at = struct.unpack('<I4ddBI4B', plan, at)
    if (counts_accepted == 1) == accepted and not repeated then
      local w = find(entity, tag)
      if not w then
        w = { tag = tag, grain = grain, newest = 0, until_ = 0, strikes = 0, ticks = '' }
        table.insert(entity.windows, w)
      end
      local total = add(w, grain, period, cap)
      tripped = tripped or (limit > 0 and total >= limit)
      changed = true
    end
  end
  if changed then
    values[i] = format(entity)
    local lives = #entity.origins > 0 and long or short
    if entity.banned then
      lives = math.max(lives, redis.call('TTL', KEYS[1 + i])) -- a ban, and the memory of it, may outlast the windows
    end
    redis.call('SET', KEYS[1 + i], values[i], 'EX', lives)
  end
end
if tripped then
  return { 1, repeated and 1 or 0, unpack(values) }
end
return { 1, repeated and 1 or 0 }
