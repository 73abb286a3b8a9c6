-- Say what an attempt was.
-- Parameters: is_brute_force (true, 1, yes, false, 0, no), request_id, client_ip, username; all of them required.

local neural = require("nauthilus_neural")
local parameters = require("nacre_parameters")

local MEANINGS = { ["true"] = true, ["1"] = true, yes = true, ["false"] = false, ["0"] = false, no = false }
local REQUIRED = { "is_brute_force", "request_id", "client_ip", "username" }

function nauthilus_run_hook(logging, session)
  local given = {}
  for _, name in ipairs(REQUIRED) do
    given[name] = parameters.get(name)
  end

  local answer = {
    is_brute_force = MEANINGS[given.is_brute_force],
    request_id = given.request_id,
    client_ip = given.client_ip,
    username = given.username,
  }
  local function failed(problem)
    answer.status, answer.message, answer.error = "error", "Failed to record feedback", problem
    return answer
  end

  for _, name in ipairs(REQUIRED) do
    if given[name] == "" then
      return failed("Missing required parameter: " .. name)
    end
  end
  if answer.is_brute_force == nil then
    return failed("Invalid is_brute_force parameter: must be 'true', '1', 'yes', 'false', '0', or 'no'")
  end
  local recorded, problem =
    neural.provide_feedback(answer.is_brute_force, given.request_id, given.client_ip, given.username)
  if not recorded then
    return failed(problem)
  end
  answer.status, answer.message = "success", "Feedback recorded successfully"
  return answer
end
