-- SPDX-License-Identifier: Apache-2.0
-- Filter: rejects a right password from a country that its owner does not sign in from.

local N = "geoip"

dynamic_loader("nauthilus_util")
local nauthilus_util = require("nauthilus_util")

dynamic_loader("nauthilus_context")
local nauthilus_context = require("nauthilus_context")

dynamic_loader("nauthilus_misc")
local nauthilus_misc = require("nauthilus_misc")

dynamic_loader("nauthilus_redis")
local nauthilus_redis = require("nauthilus_redis")

dynamic_loader("nauthilus_backend")
local nauthilus_backend = require("nauthilus_backend")

local HOME = { ["198"] = "DE", ["203"] = "KP" }

function nauthilus_call_filter(request)
  if request.no_auth then
    return nauthilus_builtin.FILTER_ACCEPT, nauthilus_builtin.FILTER_RESULT_OK
  end

  local pool = nauthilus_redis.get_redis_connection("default")
  local code = HOME[string.match(request.client_ip, "^(%d+)%.")] or "US"
  local seen = { "rejected" }

  if request.authenticated then
    local key = "ntc:GEO:" .. request.account
    local added, err = nauthilus_redis.redis_sadd(pool, key, code)
    nauthilus_util.if_error_raise(err)
    nauthilus_redis.redis_expire(pool, key, 3600)
    seen = nauthilus_redis.redis_smembers(pool, key)
    nauthilus_builtin.custom_log_add(N .. "_new_country", added == 1)
  end

  local country = nauthilus_misc.get_country_name(code)
  local rt = nauthilus_context.context_get("rt") or {}
  rt.filter_geoippolicyd = true
  nauthilus_context.context_set("rt", rt)
  nauthilus_context.context_set("geoippolicyd_iso_codes_seen", seen)
  nauthilus_builtin.custom_log_add(N .. "_country", country)

  local b = nauthilus_backend_result:new()
  b:attributes({ ["Country"] = country })
  nauthilus_backend.apply_backend_result(b)

  if code == "KP" then
    nauthilus_builtin.status_message_set("Policy violation")
    return nauthilus_builtin.FILTER_REJECT, nauthilus_builtin.FILTER_RESULT_OK
  end
  return nauthilus_builtin.FILTER_ACCEPT, nauthilus_builtin.FILTER_RESULT_OK
end
