-- SPDX-License-Identifier: Apache-2.0
-- nauthilus_util: small functions that most plug-ins share.
--
-- What needs the clock, chance or the log is in nacre_util, which is written in Python.

local native = require("nacre_util")

-- Levels, from silent to talkative.
local LEVELS = { none = 0, error = 1, warn = 2, notice = 3, info = 3, debug = 4 }

local function exists_in_table(list, element)
  for _, value in pairs(list) do
    if value == element then
      return true
    end
  end
  return false
end

local function table_length(list)
  local length = 0
  for _ in pairs(list) do
    length = length + 1
  end
  return length
end

local function is_table(value)
  return type(value) == "table"
end

local function is_string(value)
  return type(value) == "string"
end

local function is_number(value)
  return type(value) == "number"
end

-- What is missing is false; the original raised an error there.
local function toboolean(text)
  if text == nil or type(text) == "boolean" then
    return text == true
  end
  local word = string.lower(tostring(text))
  return not (word == "false" or word == "0" or word == "")
end

local function if_error_raise(err)
  if err ~= nil and err ~= "" and err ~= "redis: nil" and err ~= "OK" then
    error(err, 2)
  end
end

local function getenv(name, default)
  local value = os.getenv(name)
  if value == nil or value == "" then
    return default
  end
  return value
end

local function get_redis_key(request, key)
  local prefix = type(request) == "table" and request.redis_prefix or ""
  if type(prefix) ~= "string" or prefix == "" then
    return key
  end
  return prefix .. ":" .. key
end

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

local function logger(level)
  return function(logging, result, err)
    say(level, logging, result, err)
  end
end

-- Errors are always written, results where the log level lets information through.
local function print_result(logging, result, err)
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

return {
  exists_in_table = exists_in_table, table_length = table_length, toboolean = toboolean,
  is_table = is_table, is_string = is_string, is_number = is_number,
  if_error_raise = if_error_raise, getenv = getenv, get_redis_key = get_redis_key,
  get_current_timestamp = native.timestamp, generate_random_string = native.random_string,
  is_routable_ip = native.is_routable_ip,
  log_debug = logger("debug"), log_info = logger("info"), log_notice = logger("notice"), log_warn = logger("warn"),
  log_error = logger("error"), print_result = print_result,
}
