-- SPDX-License-Identifier: Apache-2.0
-- Action after a block: writes down which network was blocked by which rule.

dynamic_loader("nauthilus_redis")
local nauthilus_redis = require("nauthilus_redis")

function nauthilus_call_action(request)
  local _, err = nauthilus_redis.redis_run_script("default", "", "HSetMultiExpire", { "ntc:blocked:" .. request.client_net }, {
    0, "rule", request.brute_force_bucket, "username", request.username, "repeating", tostring(request.repeating),
  })
  if err then
    nauthilus_builtin.custom_log_add("blocked_failed", err)
    return nauthilus_builtin.ACTION_RESULT_FAIL
  end
  return nauthilus_builtin.ACTION_RESULT_OK
end
