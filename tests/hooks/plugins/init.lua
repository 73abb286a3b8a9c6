-- SPDX-License-Identifier: Apache-2.0
-- What the other plug-ins need once: metrics, scripts in the store, a counted target.

dynamic_loader("nauthilus_util")
local nauthilus_util = require("nauthilus_util")

dynamic_loader("nauthilus_redis")
local nauthilus_redis = require("nauthilus_redis")

dynamic_loader("nauthilus_prometheus")
local nauthilus_prometheus = require("nauthilus_prometheus")

dynamic_loader("nauthilus_psnet")
local nauthilus_psnet = require("nauthilus_psnet")

local REMEMBER = [[
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return { 'remembered', KEYS[1], redis.call('ZCARD', KEYS[1]) }
]]

function nauthilus_run_hook(logging)
  local result = { level = "info", caller = "init.lua" }

  local sha1, err = nauthilus_redis.redis_upload_script("default", REMEMBER, "plugin_remember")
  nauthilus_util.if_error_raise(err)
  result.remember = sha1

  nauthilus_prometheus.create_gauge_vec("plugin_requests_running", "Requests that wait for a service.", { "service" })
  nauthilus_prometheus.create_histogram_vec("plugin_request_seconds", "Seconds that they wait.", { "service" })
  nauthilus_prometheus.create_counter_vec("plugin_rejected_total", "Rejected logins.", { "plugin" })

  nauthilus_psnet.register_connection_target(os.getenv("PLUGIN_HOST"), "remote", "the policy service")
  nauthilus_redis.redis_set("default", "ntc:started", os.time(), 3600)

  nauthilus_util.print_result(logging, result)
end
