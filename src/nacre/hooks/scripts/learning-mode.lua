-- Let the network only collect, or act.
-- Parameters: enabled (true, 1, false, 0), required.

local neural = require("nauthilus_neural")
local parameters = require("nacre_parameters")

local MEANINGS = { ["true"] = true, ["1"] = true, ["false"] = false, ["0"] = false }

-- Where nothing can be set, the answer tells how things are.
local function failed(problem, learning)
  return { status = "error", message = "Failed to set learning mode", error = problem, learning_mode = learning }
end

function nauthilus_run_hook(logging, session)
  local text = parameters.get("enabled")
  local enabled = MEANINGS[text]
  if enabled == nil then
    local learning = neural.get_learning_mode()
    if text == "" then
      return failed("Missing required parameter: enabled", learning)
    end
    return failed("Invalid enabled parameter: must be 'true', 'false', '1', or '0'", learning)
  end

  local learning, problem = neural.set_learning_mode(enabled)
  if problem then
    return failed(problem, learning)
  end
  return { status = "success", message = "Learning mode set successfully", learning_mode = learning }
end
