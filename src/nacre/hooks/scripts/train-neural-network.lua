-- Train the network, and answer when that has ended.
-- Parameters: epochs (50 if left out), samples (5000 if left out).

local neural = require("nauthilus_neural")
local parameters = require("nacre_parameters")

-- Returns a whole number or, if there is none, nil and why.
local function positive(name, default)
  local text = parameters.get(name)
  local number = text == "" and default or tonumber(text)
  if not number or not (number >= 1 and number < math.huge) then
    return nil, "Invalid " .. name .. " parameter: must be a positive number"
  end
  return math.floor(number)
end

function nauthilus_run_hook(logging, session)
  local epochs, no_epochs = positive("epochs", 50)
  local samples, no_samples = positive("samples", 5000)
  local answer = { epochs = epochs, samples = samples }

  local trained, problem = false, no_epochs or no_samples
  if not problem then
    trained, problem = neural.train_neural_network(samples, epochs)
  end
  if trained then
    answer.status, answer.message = "success", "Neural network training completed successfully"
  else
    answer.status, answer.message, answer.error = "error", "Neural network training failed", problem
  end
  return answer
end
