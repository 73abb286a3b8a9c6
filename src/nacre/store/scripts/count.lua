-- Count one outcome in the entities of an attempt, once for each request id.
-- KEYS[1]   claim of the request id in this slot
-- KEYS[2..] entities; the first one remembers repeated wrong passwords for all of them
-- ARGV[1]   what the claim says
-- ARGV[2]   seconds for which the claim is kept
-- ARGV[3]   packed: Unix seconds of the outcome f64, account, password (0 none), origin (0 none, or nobody asks),
--           device (0 none) as u32, seconds a password is remembered u32, passwords remembered u8, day u16,
--           1 and the day from which on a login speaks for its origin u16 (0: nobody asks what is known)
-- ARGV[4]   packed, one plan per entity: flags u8 (1 remembers logins' origins, 2 repeats, 4 is the account, 8 the source),
--           seconds to live u32, the same with origins u32, windows u8,
--           windows x (tag u32, grain f64, period f64, cap u8, limit u32) in ascending order of their tags
-- Returns {0} if the request id was counted before, otherwise {1, repeated 0|1, what was known before: 1 the account
-- signed in from this origin or device, 2 it signed in from somewhere, 4 somebody did from this source within a week},
-- followed by the values of all entities if a window reached its limit.
-- This runs for every login: it makes no table and no function for each entity or window.

local unpack_, pack, sub, find, floor = struct.unpack, struct.pack, string.sub, string.find, math.floor
local now, account, password, origin, device, memory, allowed, day, since = unpack_('<dI4I4I4I4I4BI2I2', ARGV[3])
local plans, plan_at = ARGV[4], 1
local MAX_REPEATS, MAX_PLACES, BEHIND_ALL, POSITIVE, WEEK = 32, 32, 4294967296, 1, 604800

-- All values are looked at and made anew before anything is written: all of it counts, or nothing.
local values, lives = redis.call('MGET', unpack(KEYS, 2)), { 0, 0, 0, 0 }
local repeated, tripped, home, known, parts = false, false, false, 0, { '', '', '', '', '', '', '', '' }
for i = 1, #values do
  local value = values[i] or NOTHING
  local flags, short, long, planned, sound, version, windows, repeats, origins, tail
  flags, short, long, planned, plan_at = unpack_('<BI4I4B', plans, plan_at)
  if #value >= HEAD_BYTES then
    version, windows, repeats, origins = unpack_(HEAD, value)
    tail = #value + 1 - 12 * repeats - 6 * origins
    sound = version == 1 and tail > HEAD_BYTES
  end
  if not sound then
    error('NACRE_CORRUPT ' .. KEYS[1 + i])
  end
  local behind = sub(value, tail) -- what lies behind the windows: repeats, then origins
  local was_behind = behind

  if flags >= 8 and since > 0 and windows > 0 then
    local tag, grain, newest = unpack_(WINDOW, value, HEAD_BYTES + 1) -- that of logins is the first one
    if tag == POSITIVE and newest * grain > now - WEEK then
      known = known + 4
    end
  end

  if flags % 4 >= 2 and password ~= 0 then
    -- Whether this account failed with this password here before; it moves to the end.
    local list, who, same, oldest = sub(behind, 1, 12 * repeats), pack('<I4', account), 0, nil
    local at = find(list, who, 1, true)
    while at do
      if at % 12 == 1 then
        local _, what, last = unpack_('<I4I4I4', list, at)
        if what == password or now - last >= memory then
          repeated = repeated or (what == password and now - last < memory)
          list = sub(list, 1, at - 1) .. sub(list, at + 12)
          at = at - 1
        else
          same, oldest = same + 1, oldest or at
        end
      end
      at = find(list, who, at + 1, true)
    end
    if same >= allowed then
      list = sub(list, 1, oldest - 1) .. sub(list, oldest + 12)
    elseif #list >= 12 * MAX_REPEATS then
      list = sub(list, 13)
    end
    behind = list .. pack('<I4I4I4', account, password, floor(now)) .. sub(behind, 12 * repeats + 1)
    repeats = #list / 12 + 1
  end

  if flags % 8 >= 4 and origin ~= 0 then
    -- The places that the account signed in from; where a login is remembered, this one moves to the end.
    local list, there = sub(behind, 12 * repeats + 1), origin
    if list ~= '' and since > 0 then
      known = known + 2
    end
    repeat
      local place = pack('<I4', there)
      local at = find(list, place, 1, true)
      while at and at % 6 ~= 1 do
        at = find(list, place, at + 1, true)
      end
      home = home or (at and since > 0 and unpack_('<I2', list, at + 4) >= since - 1)
      if flags % 2 == 1 then
        if at then
          list = sub(list, 1, at - 1) .. sub(list, at + 6)
        else
          -- Subnets are even and devices odd: a browser that is a new device every day pushes no subnet out.
          local same, oldest = 0, nil
          for other = 1, #list, 6 do
            if (string.byte(list, other) - there) % 2 == 0 then
              same, oldest = same + 1, oldest or other
            end
          end
          if same >= MAX_PLACES then
            list = sub(list, 1, oldest - 1) .. sub(list, oldest + 6)
          end
        end
        list = list .. pack('<I4I2', there, day)
      end
      there = there == origin and device or 0
    until there == 0
    behind = sub(behind, 1, 12 * repeats) .. list
    origins = #list / 6
  end

  if repeated then
    plan_at, planned = plan_at + planned * PLAN_BYTES, 0
  end
  local at, from, before, count, n, banned = HEAD_BYTES + 1, HEAD_BYTES + 1, -1, windows, 1, false
  for place = 1, windows + 1 do
    local tag, old_grain, newest, total, state, ticks, next_at = BEHIND_ALL, 0, 0, 0, 0, 0, at
    if place <= windows then
      sound = at + WINDOW_BYTES <= tail
      if sound then
        tag, old_grain, newest, total, state, ticks = unpack_(WINDOW, value, at)
        next_at = at + WINDOW_BYTES + 4 * ticks + (state >= BANNED and BAN_BYTES or 0)
        sound = before < tag and next_at <= tail
        before, banned = tag, banned or state >= BANNED
      end
      if not sound then
        break
      end
    end
    while planned > 0 do
      local wanted, grain, period, cap, limit, next_plan = unpack_(PLAN, plans, plan_at)
      if wanted > tag then
        break
      end
      planned, plan_at = planned - 1, next_plan
      local tick = floor(now / grain)
      if wanted < tag then
        parts[n + 1] = sub(value, from, at - 1)
        parts[n + 2] = pack('<I4ddI4BBI2I2', wanted, grain, tick, 1, ARMED, 1, tick % 65536, 1)
        n, from, count, total = n + 2, at, count + 1, 1
      elseif state >= BANNED and now < unpack_('<d', value, at + WINDOW_BYTES) then
        total = 0 -- a ban in force stops the clock
      else
        parts[n + 1] = sub(value, from, at - 1)
        local first, last = at + WINDOW_BYTES, next_at - 1
        local newest_count = ticks > 0 and unpack_('<I2', value, last - 1) or FULL
        if old_grain ~= grain or tick < newest then
          parts[n + 2], total = entities().add(value, at, grain, period, cap, now)
          n = n + 2
        elseif tick == newest and newest_count < FULL then
          total = total + 1
          parts[n + 2] = pack(WINDOW, tag, grain, newest, total, state - state % 2 + ARMED, ticks)
          parts[n + 3] = sub(value, first, last - 2)
          parts[n + 4] = pack('<I2', newest_count + 1)
          n = n + 4
        else
          if state >= BANNED then
            first = first + BAN_BYTES
          end
          local kept, oldest = first, floor((now - period) / grain)
          while ticks > 0 do
            local low, events = unpack_('<I2I2', value, kept)
            if ticks < cap and newest - (newest - low) % 65536 >= oldest then
              break
            end
            kept, ticks, total = kept + 4, ticks - 1, total - events
          end
          total = total + 1
          parts[n + 2] = pack(WINDOW, tag, grain, tick, total, state - state % 2 + ARMED, ticks + 1)
          parts[n + 3] = sub(value, at + WINDOW_BYTES, first - 1)
          parts[n + 4] = sub(value, kept, last)
          parts[n + 5] = pack('<I2I2', tick % 65536, 1)
          n = n + 5
        end
        from = next_at
      end
      tripped = tripped or (limit > 0 and total >= limit)
    end
    at = next_at
  end
  if not sound or at ~= tail then
    error('NACRE_CORRUPT ' .. KEYS[1 + i])
  end
  if n > 1 or behind ~= was_behind then
    parts[1], parts[n + 1], parts[n + 2] = pack(HEAD, 1, count, repeats, origins), sub(value, from, tail - 1), behind
    values[i] = table.concat(parts, '', 1, n + 2)
    lives[i] = origins > 0 and long or short
    if banned then
      lives[i] = math.max(lives[i], redis.call('TTL', KEYS[1 + i])) -- a ban, and the memory of it, may outlast the windows
    end
  else
    lives[i] = 0
  end
end

if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) then
  return { 0 }
end
for i = 1, #values do
  if lives[i] > 0 then
    redis.call('SET', KEYS[1 + i], values[i], 'EX', lives[i])
  end
end
known = known + (home and 1 or 0)
if tripped then
  return { 1, repeated and 1 or 0, known, unpack(values) }
end
return { 1, repeated and 1 or 0, known }
