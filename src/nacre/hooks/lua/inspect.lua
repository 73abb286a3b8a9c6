-- SPDX-License-Identifier: Apache-2.0
-- inspect: a value as a person reads it.
--
-- inspect(value, {newline = "\n", indent = "  ", depth = 8}) returns text.

local function word(key)
  return type(key) == "string" and key:match("^[%a_][%w_]*$") ~= nil
end

local function before(left, right)
  local first, second = type(left), type(right)
  if first ~= second then
    return first < second
  end
  if first == "number" or first == "string" then
    return left < right
  end
  return tostring(left) < tostring(right)
end

local function quoted(text)
  text = text:gsub("\\", "\\\\"):gsub("\n", "\\n"):gsub("\r", "\\r"):gsub("\t", "\\t")
  if text:find('"', 1, true) and not text:find("'", 1, true) then
    return "'" .. text .. "'"
  end
  return '"' .. text:gsub('"', '\\"') .. '"'
end

local function written(value, options, level, seen)
  if type(value) == "string" then
    return quoted(value)
  end
  if type(value) ~= "table" then
    return type(value) == "number" and tostring(value) or type(value) == "boolean" and tostring(value)
      or value == nil and "nil" or "<" .. type(value) .. ">"
  end
  if seen[value] then
    return "<table again>"
  end
  if level >= options.depth then
    return "{...}"
  end
  seen[value] = true
  local pieces, keys, length, nested = {}, {}, #value, false
  for index = 1, length do
    pieces[index] = written(value[index], options, level + 1, seen)
  end
  for key, item in pairs(value) do
    if not (type(key) == "number" and key >= 1 and key <= length and key % 1 == 0) then
      keys[#keys + 1] = key
    end
    nested = nested or type(item) == "table"
  end
  table.sort(keys, before)
  for _, key in ipairs(keys) do
    local name = word(key) and key or "[" .. written(key, options, level + 1, seen) .. "]"
    pieces[#pieces + 1] = name .. " = " .. written(value[key], options, level + 1, seen)
  end
  seen[value] = nil
  if #pieces == 0 then
    return "{}"
  end
  if #keys == 0 and not nested or options.newline == "" then
    local space = #keys == 0 and " " or ""
    return "{" .. space .. table.concat(pieces, ", ") .. space .. "}"
  end
  local line = options.newline .. options.indent:rep(level + 1)
  return "{" .. line .. table.concat(pieces, "," .. line) .. options.newline .. options.indent:rep(level) .. "}"
end

local M = {}

function M.inspect(value, options)
  options = options or {}
  return written(value, {
    newline = options.newline or "\n", indent = options.indent or "  ", depth = options.depth or 8,
  }, 0, {})
end

return setmetatable(M, { __call = function(_, value, options) return M.inspect(value, options) end })
