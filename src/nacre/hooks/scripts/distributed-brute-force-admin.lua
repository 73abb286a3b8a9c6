-- See what is known of distributed attacks, and forget it.
-- Parameters: action (get_metrics if left out, reset_protection, reset_account); username, required for reset_account.

local campaigns = require("nacre_campaigns")
local parameters = require("nacre_parameters")

local function failed(message, problem)
  return { status = "error", message = message, error = problem }
end

local actions = {}

function actions.get_metrics()
  local metrics, problem = campaigns.overview()
  if not metrics then
    return failed("Failed to retrieve metrics", problem)
  end
  return { status = "success", message = "Metrics retrieved successfully", metrics = metrics }
end

function actions.reset_protection()
  local done, problem = campaigns.reset()
  if not done then
    return failed("Failed to reset protection measures", problem)
  end
  return { status = "success", message = "Protection measures reset successfully" }
end

function actions.reset_account()
  local username = parameters.get("username")
  if username == "" then
    return failed("Missing required parameter: username", "reset_account needs the name of an account")
  end
  local done, problem = campaigns.reset_account(username)
  if not done then
    return failed("Failed to reset account", problem)
  end
  return { status = "success", message = "Account reset successfully", username = username }
end

function nauthilus_run_hook(logging, session)
  local action = parameters.get("action")
  if action == "" then
    action = "get_metrics"
  end
  if not actions[action] then
    return failed("Invalid action: " .. action:sub(1, 64), "action is get_metrics, reset_protection or reset_account")
  end
  return actions[action]()
end
