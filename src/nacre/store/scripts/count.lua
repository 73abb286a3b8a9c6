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

local unpack_, pack, sub, floor = struct.unpack, struct.pack, string.sub, math.floor
local now, accepted = tonumber(ARGV[1]), ARGV[2] == '1'
local account, password, origin, device, memory, allowed, day = unpack_('<I4I4I4I4I4BI2', ARGV[4])
local MAX_REPEATS, MAX_ORIGINS = 32, 64

-- What one more event makes of a window that was banned, has another grain, or is newer than now.
local function add_slowly(value, at, grain, period, cap)
  local lib = entities()
  local w = lib.parse_window(value, at)
  if now < w.until_ then
    return lib.format_window(w), 0 -- a ban in force stops the clock
  end
  if w.grain ~= grain then
    lib.regrain(w, grain)
  end
  local tick = floor(now / grain)
  local ticks, counts = lib.unpack_ticks(w)
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
  local oldest, first = floor((math.max(now, ticks[#ticks] * grain) - period) / grain), 1
  while first <= #ticks and (ticks[first] < oldest or #ticks - first >= cap) do
    first = first + 1
  end
  local left, left_counts = {}, {}
  for i = first, #ticks do
    left[#left + 1], left_counts[#left_counts + 1] = ticks[i], counts[i]
  end
  lib.pack_ticks(w, left, left_counts)
  w.armed = true
  return lib.format_window(w), w.total
end

-- What one more event makes of a window that lies in a value, and the events that it holds then.
local function add(value, at, size, tag, grain, period, cap)
  local _, old_grain, newest, total, flags, ticks = unpack_(WINDOW, value, at)
  local tick = floor(now / grain)
  if flags >= BANNED or old_grain ~= grain or tick < newest then
    return add_slowly(value, at, grain, period, cap)
  end
  local first, last = at + WINDOW_BYTES, at + size - 1
  local newest_count = ticks > 0 and unpack_('<I2', value, last - 1) or FULL
  if tick == newest and newest_count < FULL then
    total = total + 1
    return pack(WINDOW, tag, grain, newest, total, ARMED, ticks)
      .. sub(value, first, last - 2) .. pack('<I2', newest_count + 1), total
  end
  local oldest = floor((now - period) / grain)
  while ticks > 0 do
    local low, count = unpack_('<I2I2', value, first)
    if ticks < cap and newest - (newest - low) % 65536 >= oldest then
      break
    end
    first, ticks, total = first + 4, ticks - 1, total - count
  end
  total = total + 1
  return pack(WINDOW, tag, grain, tick, total, ARMED, ticks + 1)
    .. sub(value, first, last) .. pack('<I2I2', tick % 65536, 1), total
end

-- Whether this account failed with this password here before; the repeats as they are then.
local function repeat_seen(repeats)
  local kept, same, seen, oldest = {}, 0, false, nil
  for at = 1, #repeats, 12 do
    local who, what, last = unpack_('<I4I4I4', repeats, at)
    if now - last < memory then
      if who == account and what == password then
        seen = true
      else
        kept[#kept + 1] = sub(repeats, at, at + 11)
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
  kept[#kept + 1] = pack('<I4I4I4', account, password, floor(now))
  return seen, table.concat(kept)
end

-- The places that the account signed in from, with one of them moved to the end.
local function remember(origins, place)
  local kept = {}
  for at = 1, #origins, 6 do
    if unpack_('<I4', origins, at) ~= place then
      kept[#kept + 1] = sub(origins, at, at + 5)
    end
  end
  if #kept >= MAX_ORIGINS then
    table.remove(kept, 1)
  end
  kept[#kept + 1] = pack('<I4I2', place, day)
  return table.concat(kept)
end

-- Where everything lies in the values.  All are looked at before anything is written: all of it counts, or nothing.
local values, places = redis.call('MGET', unpack(KEYS, 2)), {}
local function survey(value)
  local place = { starts = {}, sizes = {}, windows = 0, repeats = '', origins = '' }
  if value then
    local version, windows, repeats, origins, at = unpack_(HEAD, value)
    for _ = 1, windows do
      local tag, _, _, _, flags, ticks = unpack_(WINDOW, value, at)
      local size = WINDOW_BYTES + 4 * ticks + (flags >= BANNED and BAN_BYTES or 0)
      place.starts[tag], place.sizes[tag] = at, size
      place.banned = place.banned or flags >= BANNED
      at = at + size
    end
    place.windows = windows
    place.repeats = sub(value, at, at + 12 * repeats - 1)
    place.origins = sub(value, at + 12 * repeats)
    assert(version == 1 and #place.origins == 6 * origins and #place.repeats == 12 * repeats)
  end
  return place
end
for i = 1, #values do
  local ours, place = pcall(survey, values[i])
  if not ours then
    error('NACRE_CORRUPT ' .. KEYS[1 + i])
  end
  places[i] = place
end
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[3]) then
  return { 0 }
end

local repeated, tripped = false, false
for i = 1, #values do
  local value, place, plan = values[i], places[i], ARGV[4 + i]
  local flags, short, long, planned, plan_at = unpack_('<BI4I4B', plan)
  local parts, starts, sizes, windows = { '' }, place.starts, place.sizes, place.windows
  local repeats, origins, changed = place.repeats, place.origins, false
  if flags >= 2 and not accepted and password ~= 0 then
    repeated, repeats = repeat_seen(repeats)
    changed = true
  end
  if flags % 2 == 1 and accepted then
    origins = remember(origins, origin)
    if device ~= 0 then
      origins = remember(origins, device)
    end
    changed = true
  end
  if not repeated then
    for _ = 1, planned do
      local tag, grain, period, cap, limit, counts_accepted
      tag, grain, period, cap, limit, counts_accepted, plan_at = unpack_('<I4ddBI4B', plan, plan_at)
      if (counts_accepted == 1) == accepted then
        local start, total = starts[tag], 1
        if start then
          parts[#parts + 1], total = add(value, start, sizes[tag], tag, grain, period, cap)
          starts[tag] = nil
        else
          local tick = floor(now / grain)
          parts[#parts + 1] = pack('<I4ddI4BBI2I2', tag, grain, tick, 1, ARMED, 1, tick % 65536, 1)
          windows = windows + 1
        end
        tripped = tripped or (limit > 0 and total >= limit)
        changed = true
      end
    end
  end
  if changed then
    for tag, start in pairs(starts) do
      parts[#parts + 1] = sub(value, start, start + sizes[tag] - 1)
    end
    parts[1] = pack(HEAD, 1, windows, #repeats / 12, #origins / 6)
    parts[#parts + 1] = repeats
    parts[#parts + 1] = origins
    values[i] = table.concat(parts)
    local lives = origins ~= '' and long or short
    if place.banned then
      lives = math.max(lives, redis.call('TTL', KEYS[1 + i])) -- a ban, and the memory of it, may outlast the windows
    end
    redis.call('SET', KEYS[1 + i], values[i], 'EX', lives)
  end
end
if tripped then
  return { 1, repeated and 1 or 0, unpack(values) }
end
return { 1, repeated and 1 or 0 }
