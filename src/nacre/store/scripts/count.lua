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

local unpack_, pack, sub, find, floor = struct.unpack, struct.pack, string.sub, string.find, math.floor
local now, accepted = tonumber(ARGV[1]), ARGV[2] == '1'
local account, password, origin, device, memory, allowed, day = unpack_('<I4I4I4I4I4BI2', ARGV[4])
local MAX_REPEATS, MAX_PLACES = 32, 32

-- What one more event makes of a window that lies in a value, and the events that it holds then.
local function add(value, at, size, tag, grain, period, cap)
  local _, old_grain, newest, total, flags, ticks = unpack_(WINDOW, value, at)
  local tick = floor(now / grain)
  local first, last, ban = at + WINDOW_BYTES, at + size - 1, ''
  if flags >= BANNED then
    if now < unpack_('<d', value, first) then
      return sub(value, at, last), 0 -- a ban in force stops the clock
    end
    ban = sub(value, first, first + BAN_BYTES - 1)
    first = first + BAN_BYTES
  end
  if old_grain ~= grain or tick < newest then
    return entities().add(value, at, grain, period, cap, now)
  end
  local state = ban == '' and ARMED or ARMED + BANNED
  local newest_count = ticks > 0 and unpack_('<I2', value, last - 1) or FULL
  if tick == newest and newest_count < FULL then
    total = total + 1
    return pack(WINDOW, tag, grain, newest, total, state, ticks)
      .. ban .. sub(value, first, last - 2) .. pack('<I2', newest_count + 1), total
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
  return pack(WINDOW, tag, grain, tick, total, state, ticks + 1)
    .. ban .. sub(value, first, last) .. pack('<I2I2', tick % 65536, 1), total
end

-- Where everything lies in the values.  All are looked at before anything is written: all of it counts, or nothing.
local values, places = redis.call('MGET', unpack(KEYS, 2)), {}
local NOWHERE = { starts = {}, sizes = {}, windows = 0, repeats = '', origins = '' }
local function survey(value)
  local starts, sizes, banned = {}, {}, false
  local version, windows, repeats, origins, at = unpack_(HEAD, value)
  for _ = 1, windows do
    local tag, _, _, _, flags, ticks = unpack_(WINDOW, value, at)
    starts[tag], sizes[tag] = at, WINDOW_BYTES + 4 * ticks + (flags >= BANNED and BAN_BYTES or 0)
    banned = banned or flags >= BANNED
    at = at + sizes[tag]
  end
  local middle = at + 12 * repeats
  assert(version == 1 and #value + 1 == middle + 6 * origins)
  return {
    starts = starts,
    sizes = sizes,
    banned = banned,
    windows = windows,
    repeats = sub(value, at, middle - 1),
    origins = sub(value, middle),
  }
end
for i = 1, #values do
  places[i] = NOWHERE
  if values[i] then
    local ours, place = pcall(survey, values[i])
    if not ours then
      error('NACRE_CORRUPT ' .. KEYS[1 + i])
    end
    places[i] = place
  end
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
    -- Whether this account failed with this password here before; it moves to the end.
    local who, same, oldest = pack('<I4', account), 0, nil
    local at = find(repeats, who, 1, true)
    while at do
      if at % 12 == 1 then
        local _, what, last = unpack_('<I4I4I4', repeats, at)
        if what == password or now - last >= memory then
          repeated = repeated or (what == password and now - last < memory)
          repeats = sub(repeats, 1, at - 1) .. sub(repeats, at + 12)
          at = at - 1
        else
          same, oldest = same + 1, oldest or at
        end
      end
      at = find(repeats, who, at + 1, true)
    end
    if same >= allowed then
      repeats = sub(repeats, 1, oldest - 1) .. sub(repeats, oldest + 12)
    elseif #repeats >= 12 * MAX_REPEATS then
      repeats = sub(repeats, 13)
    end
    repeats = repeats .. pack('<I4I4I4', account, password, floor(now))
    changed = true
  end
  if flags % 2 == 1 and accepted then
    -- The places that the account signed in from; this one moves to the end.
    for _, there in ipairs(device ~= 0 and { origin, device } or { origin }) do
      local known = pack('<I4', there)
      local at = find(origins, known, 1, true)
      while at and at % 6 ~= 1 do
        at = find(origins, known, at + 1, true)
      end
      if at then
        origins = sub(origins, 1, at - 1) .. sub(origins, at + 6)
      else
        -- Subnets are even and devices odd: a browser that is a new device every day pushes no subnet out.
        local same, oldest = 0, nil
        for other = 1, #origins, 6 do
          if (string.byte(origins, other) - there) % 2 == 0 then
            same, oldest = same + 1, oldest or other
          end
        end
        if same >= MAX_PLACES then
          origins = sub(origins, 1, oldest - 1) .. sub(origins, oldest + 6)
        end
      end
      origins = origins .. pack('<I4I2', there, day)
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
