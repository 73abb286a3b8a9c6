-- SPDX-License-Identifier: Apache-2.0
-- Hook: what the other plug-ins wrote down, as JSON or as text.

dynamic_loader("nauthilus_util")
local nauthilus_util = require("nauthilus_util")

dynamic_loader("nauthilus_redis")
local nauthilus_redis = require("nauthilus_redis")

dynamic_loader("nauthilus_http_request")
local nauthilus_http_request = require("nauthilus_http_request")

dynamic_loader("nauthilus_http_response")
local nauthilus_http_response = require("nauthilus_http_response")

function nauthilus_run_hook(logging, session)
  local result = { level = "info", caller = "status.lua", session = session }
  local top, err = nauthilus_redis.redis_zrevrange("default", "ntc:top_failed_logins", 0, 9)
  nauthilus_util.if_error_raise(err)

  if nauthilus_http_request.get_http_query_param("format") == "text" then
    nauthilus_http_response.set_http_response_header("Cache-Control", "no-cache")
    nauthilus_http_response.string(nauthilus_http_response.STATUS_OK, table.concat(top, "\n"))
    return nil
  end

  result.top = top
  result.started = tonumber(nauthilus_redis.redis_get("default", "ntc:started")) ~= nil
  result.blocked = {}
  for _, key in ipairs(nauthilus_redis.redis_keys("default", "ntc:blocked:*")) do
    result.blocked[string.sub(key, #"ntc:blocked:" + 1)] = nauthilus_redis.redis_hgetall("default", key)
  end
  nauthilus_util.print_result(logging, result)
  return result
end
