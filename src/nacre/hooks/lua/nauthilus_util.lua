-- SPDX-License-Identifier: Apache-2.0
-- nauthilus_util: small functions that most plug-ins share.
--
-- What needs the clock, chance or the log is in nacre_util, which is written in Python.

local native = require("nacre_util")

local M = {}

-- Levels, from silent to talkative.
local LEVELS = { none = 0, error = 1, warn = 2, notice = 3, info = 3, debug = 4 }

function M.exists_in_table(list, element)
  for _, value in pairs(list) do
    if value == element then
      return true
    end
  end
  return false
end

function M.table_length(list)
  local length = 0
  for _ in pairs(list) do
    length = length + 1
  end
  return length
end

function M.is_table(value)
  return type(value) == "table"
end

function M.is_string(value)
  return type(value) == "string"
end

function M.is_number(value)
  return type(value) == "number"
end

-- What is missing is false; the original raised an error there.
function M.toboolean(text)
  if text == nil or type(text) == "boolean" then
    return text == true
  end
  local word = string.lower(tostring(text))
  return not (word == "false" or word == "0" or word == "")
end

function M.if_error_raise(err)
  if err ~= nil and err ~= "" and err ~= "redis: nil" and err ~= "OK" then
    error(err, 2)
  end
end

function M.getenv(name, default)
  local value = os.getenv(name)
  if value == nil or value == "" then
    return default
  end
  return value
end

function M.get_redis_key(request, key)
  local prefix = type(request) == "table" and request.redis_prefix or ""
  if type(prefix) ~= "string" or prefix == "" then
    return key
  end
  return prefix .. ":" .. key
end

M.get_current_timestamp = native.timestamp
M.generate_random_string = native.random_string
M.is_routable_ip = native.is_routable_ip

local function wanted(logging, level)
  local limit = type(logging) == "table" and LEVELS[logging.log_level] or LEVELS.info
  return LEVELS[level] <= limit
end

local function shown(logging, result)
  if type(result) ~= "table" then
    return tostring(result)
  end
  if type(logging) == "table" and logging.log_format == "json" then
    return (native.json(result))
  end
  local names, pieces = {}, {}
  for name in pairs(result) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  for index, name in ipairs(names) do
    local value = result[name]
    pieces[index] = name .. "=" .. (type(value) == "table" and native.json(value) or tostring(value))
  end
  return table.concat(pieces, " ")
end

local function say(level, logging, result, err)
  if result == nil then -- one text, or one table, and nothing about logging
    logging, result = nil, logging
  end
  if type(result) == "table" then
    if err ~= nil then
      result.error = tostring(err)
    end
    result.level = result.level or level
    result.ts = native.timestamp()
  elseif err ~= nil then
    result = tostring(result) .. ": " .. tostring(err)
  end
  if wanted(logging, level) then
    native.log(level, shown(logging, result))
  end
end

for _, level in ipairs({ "debug", "info", "notice", "warn", "error" }) do
  M["log_" .. level] = function(logging, result, err)
    say(level, logging, result, err)
  end
end

-- Errors are always written, results where the log level lets information through.
function M.print_result(logging, result, err)
  if err ~= nil then
    result.level = result.level or "error"
    result.error = tostring(err)
  end
  local level = err ~= nil and "error" or "info"
  if err ~= nil or wanted(logging, level) then
    result.ts = native.timestamp()
    native.log(level, shown(logging, result))
  end
end

return M
