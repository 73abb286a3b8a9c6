-- Read and write packed entities; every script below begins with this text.
-- The layout is written down in nacre/entity.py.  All of it is one function, because
-- a script makes its functions anew at each call, and counting rarely needs these.

local ARMED, BANNED = 1, 2
local HEAD, WINDOW, BAN, PLAN = '<BBBB', '<I4ddI4BB', '<dB', '<I4ddBI4'
local HEAD_BYTES, WINDOW_BYTES, BAN_BYTES, PLAN_BYTES = 4, 26, 9, 25
local NOTHING = '\1\0\0\0'
local FULL = 65535 -- events that one tick counts

local function entities()
  local lib = {}

  -- A window of a value, and where the next one begins.
  function lib.parse_window(value, at)
    local w, flags, ticks = {}, 0, 0
    w.tag, w.grain, w.newest, w.total, flags, ticks, at = struct.unpack(WINDOW, value, at)
    w.armed = flags % 2 == ARMED
    w.banned = flags >= BANNED
    w.until_, w.strikes = 0, 0
    if w.banned then
      w.until_, w.strikes, at = struct.unpack(BAN, value, at)
    end
    w.ticks = string.sub(value, at, at + 4 * ticks - 1)
    return w, at + 4 * ticks
  end

  function lib.format_window(w)
    local flags = (w.armed and ARMED or 0) + (w.banned and BANNED or 0)
    local ban = w.banned and struct.pack(BAN, w.until_, w.strikes) or ''
    return struct.pack(WINDOW, w.tag, w.grain, w.newest, w.total, flags, #w.ticks / 4) .. ban .. w.ticks
  end

  -- The entity that a key holds; what none of these scripts wrote is an error that names the key.
  function lib.read(key)
    local entity = { windows = {}, rest = '', repeats = 0, origins = 0 }
    local value = redis.call('GET', key)
    if not value then
      return entity
    end
    local ours = pcall(function()
      local version, windows, at
      version, windows, entity.repeats, entity.origins, at = struct.unpack(HEAD, value)
      for i = 1, windows do
        entity.windows[i], at = lib.parse_window(value, at)
      end
      entity.rest = string.sub(value, at)
      assert(version == 1 and #entity.rest == 12 * entity.repeats + 6 * entity.origins)
    end)
    if not ours then
      error('NACRE_CORRUPT ' .. key)
    end
    return entity
  end

  function lib.format(entity)
    local parts = { struct.pack(HEAD, 1, #entity.windows, entity.repeats, entity.origins) }
    for _, w in ipairs(entity.windows) do
      parts[#parts + 1] = lib.format_window(w)
    end
    parts[#parts + 1] = entity.rest
    return table.concat(parts)
  end

  function lib.find(entity, tag)
    for index, w in ipairs(entity.windows) do
      if w.tag == tag then
        return w, index
      end
    end
    local w = { tag = tag, grain = 1, newest = 0, total = 0, until_ = 0, strikes = 0, ticks = '' }
    local index = 1
    while entity.windows[index] and entity.windows[index].tag < tag do
      index = index + 1
    end
    table.insert(entity.windows, index, w)
    return w, index
  end

  -- Ticks in full and their counts, oldest first.
  function lib.unpack_ticks(w)
    local n = #w.ticks / 4
    local ticks, counts = {}, {}
    if n > 0 then
      local flat = { struct.unpack('<' .. string.rep('I2', 2 * n), w.ticks) }
      for i = 1, n do
        ticks[i] = w.newest - (w.newest - flat[2 * i - 1]) % 65536
        counts[i] = flat[2 * i]
      end
    end
    return ticks, counts
  end

  function lib.pack_ticks(w, ticks, counts)
    local parts, total = {}, 0
    for i = 1, #ticks do
      parts[i] = struct.pack('<I2I2', ticks[i] % 65536, counts[i])
      total = total + counts[i]
    end
    w.ticks, w.total = table.concat(parts), total
    w.newest = ticks[#ticks] or w.newest
  end

  -- Give a window the grain that its rule has now: a period that is changed loses no counts.
  function lib.regrain(w, grain)
    local ticks, counts = lib.unpack_ticks(w)
    local new_ticks, new_counts = {}, {}
    local newest = math.floor(w.newest * w.grain / grain)
    for i = 1, #ticks do
      local tick = math.floor(ticks[i] * w.grain / grain)
      if newest - tick < 60000 then
        if new_ticks[#new_ticks] == tick and new_counts[#new_counts] + counts[i] <= FULL then
          new_counts[#new_counts] = new_counts[#new_counts] + counts[i]
        else
          new_ticks[#new_ticks + 1] = tick
          new_counts[#new_counts + 1] = counts[i]
        end
      end
    end
    w.grain, w.newest = grain, newest
    lib.pack_ticks(w, new_ticks, new_counts)
  end

  -- What one more event makes of a window that has another grain or is newer than the event;
  -- and how many events it holds then.
  function lib.add(value, at, grain, period, cap, now)
    local w = lib.parse_window(value, at)
    if w.grain ~= grain then
      lib.regrain(w, grain)
    end
    local tick = math.floor(now / grain)
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
    local oldest, first = math.floor((math.max(now, ticks[#ticks] * grain) - period) / grain), 1
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

  return lib
end
