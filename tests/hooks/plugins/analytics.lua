-- SPDX-License-Identifier: Apache-2.0
-- Post action: counts what became of logins, and hands lists of them on in one piece.

dynamic_loader("nauthilus_redis")
local nauthilus_redis = require("nauthilus_redis")

dynamic_loader("nauthilus_cache")
local nauthilus_cache = require("nauthilus_cache")

dynamic_loader("nauthilus_context")
local nauthilus_context = require("nauthilus_context")

dynamic_loader("nauthilus_gluacrypto")
local crypto = require("crypto")

dynamic_loader("nauthilus_gll_strings")
local strings = require("strings")

function nauthilus_call_action(request)
  local outcome = request.authenticated and "success" or "failure"
  local domain = strings.split(request.username, "@")[2] or "none"
  nauthilus_cache.cache_push("analytics", {
    outcome = outcome, domain = domain, ip = crypto.sha1(request.client_ip), rt = nauthilus_context.context_get("rt"),
  })
  if nauthilus_cache.cache_update("analytics:n", function(n) return (n or 0) + 1 end) < 2 then
    return nauthilus_builtin.ACTION_RESULT_OK
  end

  nauthilus_cache.cache_set("analytics:n", 0)
  local commands = {}
  for _, row in ipairs(nauthilus_cache.cache_pop_all("analytics")) do
    commands[#commands + 1] = { "hincrby", "ntc:analytics", row.outcome .. ":" .. row.domain, 1 }
    commands[#commands + 1] = { "pfadd", "ntc:analytics:ips", row.ip }
  end
  local results, err = nauthilus_redis.redis_pipeline("default", "write", commands)
  if err then
    error(err)
  end
  return results[1].ok and nauthilus_builtin.ACTION_RESULT_OK or nauthilus_builtin.ACTION_RESULT_FAIL
end
