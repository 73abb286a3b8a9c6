-- SPDX-License-Identifier: Apache-2.0
-- Functions of the libraries whose work no instruction of Lua tells of: they say beforehand what it may cost.
--
-- Arguments: the table of watch.lua, that of patterns.lua.
-- Returns replacements for functions of string, and of table.

local watch, matcher = ...
local weigh, risky, search, values = watch.weigh, matcher.risky, matcher.search, matcher.values
local find, match, gmatch, gsub = string.find, string.match, string.gmatch, string.gsub
local rep, upper, lower, reverse = string.rep, string.upper, string.lower, string.reverse
local sub, sort, insert, concat = string.sub, table.sort, table.insert, table.concat
local type, error, select, unpack, next, pcall = type, error, select, unpack, next, pcall
local tostring, tonumber = tostring, tonumber

local LARGEST = 2 ^ 26 -- characters that `rep` makes at most; what is held in memory is bounded besides
local KINDS = { string = true, number = true }

local strings, tables = {}, {}

-- What is wrong with a pattern is said where it was used.
local function risk(text, pattern, from)
  local ok, items = pcall(risky, text, pattern, from)
  if not ok then
    error(items, watch.stopped() and 0 or 3)
  end
  return items
end

local function both(text, pattern)
  return KINDS[type(text)] and KINDS[type(pattern)]
end

local function beginning(text, init)
  init = type(init) == "number" and init or 1
  if init < 0 then
    init = #text + init + 1
  end
  return init < 1 and 1 or init > #text + 1 and #text + 1 or init
end

function strings.find(text, pattern, init, plain)
  if not both(text, pattern) then
    return find(text, pattern, init, plain)
  end
  text, pattern = tostring(text), tostring(pattern)
  if plain or not find(pattern, "[%^%$%*%+%?%.%(%[%%%-]") then
    weigh(#text * (#pattern + 1) / 10)
    return find(text, pattern, init, true)
  end
  local from = beginning(text, init)
  local items = risk(text, pattern, from)
  if not items then
    return find(text, pattern, init)
  end
  local at, past, caps = search(items, text, from)
  if at then
    return at, past - 1, unpack(values(text, at, past, caps, false))
  end
  return nil
end

function strings.match(text, pattern, init)
  if not both(text, pattern) then
    return match(text, pattern, init)
  end
  text, pattern = tostring(text), tostring(pattern)
  local from = beginning(text, init)
  local items = risk(text, pattern, from)
  if not items then
    return match(text, pattern, init)
  end
  local at, past, caps = search(items, text, from)
  if at then
    return unpack(values(text, at, past, caps, true))
  end
  return nil
end

function strings.gmatch(text, pattern)
  if not both(text, pattern) then
    return gmatch(text, pattern)
  end
  text, pattern = tostring(text), tostring(pattern)
  if sub(pattern, 1, 1) == "^" then
    pattern = "%" .. pattern
  end
  local items = risk(text, pattern, 1)
  if not items then
    return gmatch(text, pattern)
  end
  local from = 1
  return function()
    if from > #text + 1 then
      return nil
    end
    local at, past, caps = search(items, text, from)
    if not at then
      from = #text + 2
      return nil
    end
    from = past > at and past or past + 1
    return unpack(values(text, at, past, caps, true))
  end
end

local function replaced(with, whole, found)
  local kind, value = type(with), nil
  if kind == "function" then
    value = with(unpack(found))
  elseif kind == "table" then
    value = with[found[1]]
  else
    value = gsub(tostring(with), "%%(.)", function(digit)
      return digit == "0" and whole or found[tonumber(digit)] or digit
    end)
  end
  if value == nil or value == false then
    return whole
  elseif not KINDS[type(value)] then
    error("invalid replacement value (a " .. type(value) .. ")", 0)
  end
  return tostring(value)
end

function strings.gsub(text, pattern, with, most)
  local kind = type(with)
  if not both(text, pattern) or not (KINDS[kind] or kind == "table" or kind == "function") then
    return gsub(text, pattern, with, most)
  end
  text, pattern = tostring(text), tostring(pattern)
  local items = risk(text, pattern, 1)
  if not items then
    if most == nil then
      return gsub(text, pattern, with)
    end
    return gsub(text, pattern, with, most)
  end
  local pieces, from, count = {}, 1, 0
  while count < (most or #text + 1) and from <= #text + 1 do
    local at, past, caps = search(items, text, from)
    if not at then
      break
    end
    count = count + 1
    pieces[#pieces + 1] = sub(text, from, at - 1)
    pieces[#pieces + 1] = replaced(with, sub(text, at, past - 1), values(text, at, past, caps, true))
    from = past
    if past == at then
      pieces[#pieces + 1] = sub(text, at, at)
      from = past + 1
    end
    if items.anchored then
      break
    end
  end
  pieces[#pieces + 1] = sub(text, from)
  return concat(pieces), count
end
strings.gfind = strings.gmatch

function strings.rep(text, count)
  if KINDS[type(text)] and type(count) == "number" then
    local size = #tostring(text) * count
    if size <= 0 then
      return ""
    elseif size > LARGEST then
      error("resulting string too large", 2)
    end
    weigh(size)
  end
  return rep(text, count)
end

for name, plain in next, { upper = upper, lower = lower, reverse = reverse } do
  strings[name] = function(text)
    weigh(type(text) == "string" and #text or 0)
    return plain(text)
  end
end

function tables.sort(list, before)
  weigh(type(list) == "table" and #list * 200 or 0)
  return sort(list, before)
end

function tables.concat(list, ...)
  weigh(type(list) == "table" and #list * 20 or 0)
  return concat(list, ...)
end

function tables.insert(list, ...)
  if select("#", ...) == 2 and type(list) == "table" then
    local place = ...
    if type(place) == "number" then
      if place < 1 then
        error("bad argument #2 to 'insert' (position out of bounds)", 2)
      end
      weigh((#list - place) * 10)
    end
  end
  return insert(list, ...)
end

return strings, tables
