-- SPDX-License-Identifier: Apache-2.0
-- Pattern matching that can be stopped.
-- The functions of C match while no instruction of Lua runs, and some patterns take them years.  What they could at
-- worst take is reckoned first; beyond a third of a second, the same is done here, in Lua, under the eyes of the watch.
--
-- Argument: weigh, see watch.lua.  Returns search, values, risky.

local weigh = ...
local find, byte, char, sub = string.find, string.byte, string.char, string.sub
local error, setmetatable = error, setmetatable

local WORST = 2e8 -- steps of C, some 1.5 ns each
local LONGEST = 1000 -- characters of a pattern; C calls itself once for each of some of them
local KEPT = 500 -- patterns
local REPEATED = { ["*"] = true, ["+"] = true, ["-"] = true }

local function class_end(pattern, at)
  local first = sub(pattern, at, at)
  at = at + 1
  if first == "%" then
    if at > #pattern then
      error("malformed pattern (ends with '%')", 0)
    end
    return at + 1
  elseif first == "[" then
    if sub(pattern, at, at) == "^" then
      at = at + 1
    end
    repeat
      if at > #pattern then
        error("malformed pattern (missing ']')", 0)
      end
      at = at + (sub(pattern, at, at) == "%" and 2 or 1)
    until sub(pattern, at, at) == "]"
    return at + 1
  end
  return at
end

local function class(text)
  if #text == 1 and text ~= "." then
    return { [byte(text)] = true }
  end
  return setmetatable({}, {
    __index = function(known, code)
      local fits = code ~= nil and find(char(code), "^" .. text) ~= nil
      if code ~= nil then
        known[code] = fits
      end
      return fits
    end,
  })
end

-- A pattern as a list of items; power and doubled say how its worst case grows with the subject.
local function parse(pattern)
  if #pattern > LONGEST then
    error("pattern has more than " .. LONGEST .. " characters", 0)
  end
  local zero = find(pattern, "\0", 1, true)
  pattern = zero and sub(pattern, 1, zero - 1) or pattern
  local items = { anchored = sub(pattern, 1, 1) == "^", power = 0, doubled = 0 }
  local at = items.anchored and 2 or 1
  while at <= #pattern do
    local here, two = sub(pattern, at, at), sub(pattern, at, at + 1)
    local item
    if two == "()" then
      item, at = { op = "here" }, at + 2
    elseif here == "(" or here == ")" then
      item, at = { op = here }, at + 1
    elseif here == "$" and at == #pattern then
      item, at = { op = "end" }, at + 1
    elseif two == "%b" then
      if at + 3 > #pattern then
        error("unbalanced pattern", 0)
      end
      item = { op = "balance", open = byte(pattern, at + 2), close = byte(pattern, at + 3) }
      items.power, at = items.power + 1, at + 4
    elseif two == "%f" then
      if sub(pattern, at + 2, at + 2) ~= "[" then
        error("missing '[' after '%f' in pattern", 0)
      end
      local past = class_end(pattern, at + 2)
      item, at = { op = "frontier", set = class(sub(pattern, at + 2, past - 1)) }, past
    elseif find(two, "^%%%d") then
      item, at = { op = "again", which = byte(two, 2) - 48 }, at + 2
      items.power = items.power + 1
    else
      local past = class_end(pattern, at)
      item = { op = "one", set = class(sub(pattern, at, past - 1)), many = sub(pattern, past, past) }
      at = past + 1
      if REPEATED[item.many] then
        items.power = items.power + 1
      elseif item.many == "?" then
        items.doubled = items.doubled + 1
      else
        item.many, at = nil, past
      end
    end
    items[#items + 1] = item
  end
  return items
end

local kept, many_kept = {}, 0
local function parsed(pattern)
  local items = kept[pattern]
  if not items then
    items = parse(pattern)
    if many_kept >= KEPT then
      kept, many_kept = {}, 0
    end
    kept[pattern], many_kept = items, many_kept + 1
  end
  return items
end

local try

local function open_capture(caps)
  for number = #caps, 1, -1 do
    if caps[number].size == nil then
      return caps[number]
    end
  end
  error("invalid pattern capture", 0)
end

local steps = {
  ["("] = function(items, place, text, at, caps)
    caps[#caps + 1] = { from = at }
    local past = try(items, place + 1, text, at, caps)
    if not past then
      caps[#caps] = nil
    end
    return past
  end,
  [")"] = function(items, place, text, at, caps)
    local capture = open_capture(caps)
    capture.size = at - capture.from
    local past = try(items, place + 1, text, at, caps)
    if not past then
      capture.size = nil
    end
    return past
  end,
  here = function(items, place, text, at, caps)
    caps[#caps + 1] = { from = at, size = -1 }
    local past = try(items, place + 1, text, at, caps)
    if not past then
      caps[#caps] = nil
    end
    return past
  end,
}

local function balanced(item, text, at)
  if byte(text, at) ~= item.open then
    return nil
  end
  local depth = 1
  for past = at + 1, #text do
    local code = byte(text, past)
    if code == item.close then
      depth = depth - 1
      if depth == 0 then
        return past + 1
      end
    elseif code == item.open then
      depth = depth + 1
    end
  end
end

local function again(item, text, at, caps)
  local capture = caps[item.which]
  if not capture or not capture.size or capture.size < 0 then
    error("invalid capture index", 0)
  end
  local same = sub(text, capture.from, capture.from + capture.size - 1)
  return sub(text, at, at + #same - 1) == same and at + #same or nil
end

local function greedy(items, place, text, at, caps)
  local item = items[place]
  local count, least = 0, item.many == "+" and 1 or 0
  while item.set[byte(text, at + count)] do
    count = count + 1
  end
  while count >= least do
    local past = try(items, place + 1, text, at + count, caps)
    if past then
      return past
    end
    count = count - 1
  end
end

try = function(items, place, text, at, caps)
  while true do
    local item = items[place]
    if not item then
      return at
    end
    local op, many = item.op, item.many
    if op == "one" and not many then
      at = item.set[byte(text, at)] and at + 1 or nil
    elseif op == "one" and many ~= "-" and many ~= "?" then
      return greedy(items, place, text, at, caps)
    elseif op == "one" then
      local past = many == "-" and try(items, place + 1, text, at, caps)
      while many == "-" and not past do
        if not item.set[byte(text, at)] then
          return nil
        end
        at = at + 1
        past = try(items, place + 1, text, at, caps)
      end
      past = past or item.set[byte(text, at)] and try(items, place + 1, text, at + 1, caps)
      if past then
        return past
      end
    elseif op == "end" then
      return at == #text + 1 and at or nil
    elseif op == "balance" then
      at = balanced(item, text, at)
    elseif op == "frontier" then
      at = not item.set[byte(text, at - 1) or 0] and item.set[byte(text, at) or 0] and at or nil
    elseif op == "again" then
      at = again(item, text, at, caps)
    else
      return steps[op](items, place, text, at, caps)
    end
    if not at then
      return nil
    end
    place = place + 1
  end
end

local matcher = {}

-- The first match at or behind a place: its first character, the one behind it, its captures.
function matcher.search(items, text, at)
  repeat
    local caps = {}
    local past = try(items, 1, text, at, caps)
    if past then
      return at, past, caps
    end
    at = at + 1
  until at > #text + 1 or items.anchored
end

-- The captures as values; the whole match where there are none and it is wanted.
function matcher.values(text, at, past, caps, whole)
  local values = {}
  for number = 1, #caps do
    local capture = caps[number]
    if capture.size == nil then
      error("unfinished capture", 0)
    end
    values[number] = capture.size < 0 and capture.from or sub(text, capture.from, capture.from + capture.size - 1)
  end
  if #caps == 0 and whole then
    values[1] = sub(text, at, past - 1)
  end
  return values
end

-- The items of a pattern whose worst case is too long for C, else nil.
function matcher.risky(text, pattern, from)
  local items = parsed(pattern)
  local size = #text - from + 3
  local power = items.power + (items.anchored and 0 or 1)
  local worst = 2 ^ items.doubled
  for factor = 1, power do
    worst = worst * size / factor
  end
  if worst > WORST then
    return items
  end
  weigh(worst)
end

return matcher
