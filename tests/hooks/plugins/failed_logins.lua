-- SPDX-License-Identifier: Apache-2.0
-- Post action: keeps the accounts with the most failures, and tells their owners by mail once a day.

local N = "failed_logins"

dynamic_loader("nauthilus_util")
local nauthilus_util = require("nauthilus_util")

dynamic_loader("nauthilus_redis")
local nauthilus_redis = require("nauthilus_redis")

dynamic_loader("nauthilus_context")
local nauthilus_context = require("nauthilus_context")

dynamic_loader("nauthilus_mail")
local nauthilus_mail = require("nauthilus_mail")

dynamic_loader("nauthilus_gll_template")
local template = require("template")

dynamic_loader("nauthilus_gll_time")
local time = require("time")

local MESSAGE = [[
Hallo {{account}},

am {{date}} gab es von {{client_ip}} einen Anmeldeversuch mit falschem Passwort.
{{#codes}}
- {{.}}
{{/codes}}
]]

function nauthilus_call_action(request)
  if request.no_auth or request.authenticated then
    return nauthilus_builtin.ACTION_RESULT_OK
  end

  local result = { level = "info", caller = N .. ".lua", session = request.session }
  local now = time.unix()
  local top, err = nauthilus_redis.redis_zincrby("default", "ntc:top_failed_logins", 1, request.username)
  nauthilus_util.if_error_raise(err)
  result.failures = top

  if nauthilus_redis.redis_zcount("default", "ntc:top_failed_logins", "-inf", "+inf") > 20 then
    nauthilus_redis.redis_zremrangebyrank("default", "ntc:top_failed_logins", 0, -21)
  end

  local key = "ntc:failed:" .. request.username
  local kept, err_script = nauthilus_redis.redis_run_script(
    "default", "", "plugin_remember", { key }, { now, request.session, 86400 })
  nauthilus_util.if_error_raise(err_script)
  result.state = kept[1]

  local told, err_get = nauthilus_redis.redis_hget("default", kept[2] .. ":mail", "sent", "number")
  nauthilus_util.if_error_raise(err_get)

  if told == nil then
    nauthilus_redis.redis_hset("default", kept[2] .. ":mail", "sent", 1)
    local mustache, err_template = template.choose("mustache")
    nauthilus_util.if_error_raise(err_template)
    local err_mail = nauthilus_mail.send_mail({
      server = os.getenv("PLUGIN_MAIL_SERVER"), port = tonumber(os.getenv("PLUGIN_MAIL_PORT")),
      helo_name = "localhost.localdomain", lmtp = false, tls = false, starttls = false,
      from = '"Sicherheitshinweis" <abuse@example.test>', to = { request.username .. "@example.test" },
      subject = "Falsches Passwort",
      body = mustache:render(MESSAGE, {
        account = request.account, client_ip = request.client_ip,
        date = time.format(now, "02.01.2006 15:04", "Europe/Berlin"),
        codes = nauthilus_context.context_get("geoippolicyd_iso_codes_seen"),
      }),
    })
    nauthilus_util.if_error_raise(err_mail)
  end

  local rt = nauthilus_context.context_get("rt") or {}
  rt.failed_login_tracked = true
  nauthilus_context.context_set("rt", rt)
  nauthilus_util.print_result({ log_format = request.log_format, log_level = request.log_level }, result)
  return nauthilus_builtin.ACTION_RESULT_OK
end
