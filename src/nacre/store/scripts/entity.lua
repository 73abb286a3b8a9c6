-- Read and write packed entities; every script below begins with this text.
-- The layout is written down in nacre/entity.py.

local ARMED, BANNED = 1, 2
local FULL = 65535 -- events that one tick counts

local function parse(value)
  local entity = { windows = {}, repeats = '', origins = '' }
  if not value then
    return entity
  end
  local version, windows, repeats, origins, at = struct.unpack('<BBBB', value)
  if version ~= 1 then
    error('another version')
  end
  for i = 1, windows do
    local w, flags, ticks = {}, 0, 0
    w.tag, w.grain, w.newest, flags, ticks, at = struct.unpack('<I4ddBB', value, at)
    w.armed = flags % 2 == ARMED
    w.banned = flags >= BANNED
    w.until_, w.strikes = 0, 0
    if w.banned then
      w.until_, w.strikes, at = struct.unpack('<dB', value, at)
      entity.banned = true
    end
    w.ticks = string.sub(value, at, at + 4 * ticks - 1)
    at = at + 4 * ticks
    entity.windows[i] = w
  end
  entity.repeats = string.sub(value, at, at + 12 * repeats - 1)
  at = at + 12 * repeats
  entity.origins = string.sub(value, at, at + 6 * origins - 1)
  if at + 6 * origins ~= #value + 1 then
    error('another length')
  end
  return entity
end

-- The entity that a key holds; what none of these scripts wrote is an error that names the key.
local function read(key, value)
  local ours, entity = pcall(parse, value)
  if not ours then
    error('NACRE_CORRUPT ' .. key)
  end
  return entity
end

local function format(entity)
  local parts = { struct.pack('<BBBB', 1, #entity.windows, #entity.repeats / 12, #entity.origins / 6) }
  for _, w in ipairs(entity.windows) do
    local flags = (w.armed and ARMED or 0) + (w.banned and BANNED or 0)
    parts[#parts + 1] = struct.pack('<I4ddBB', w.tag, w.grain, w.newest, flags, #w.ticks / 4)
    if w.banned then
      parts[#parts + 1] = struct.pack('<dB', w.until_, w.strikes)
    end
    parts[#parts + 1] = w.ticks
  end
  parts[#parts + 1] = entity.repeats
  parts[#parts + 1] = entity.origins
  return table.concat(parts)
end

local function find(entity, tag)
  for index, w in ipairs(entity.windows) do
    if w.tag == tag then
      return w, index
    end
  end
end

-- Ticks in full and their counts, oldest first.
local function unpack_ticks(w)
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

local function pack_ticks(w, ticks, counts)
  local parts = {}
  for i = 1, #ticks do
    parts[i] = struct.pack('<I2I2', ticks[i] % 65536, counts[i])
  end
  w.ticks = table.concat(parts)
  w.newest = ticks[#ticks] or w.newest
end

-- Give a window the grain that its rule has now: a period that is changed loses no counts.
local function regrain(w, grain)
  local ticks, counts = unpack_ticks(w)
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
  pack_ticks(w, new_ticks, new_counts)
end
