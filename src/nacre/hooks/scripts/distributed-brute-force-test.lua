-- Rehearse a distributed attack, in a namespace of its own: nothing that is live is read or changed by it.
-- Parameters: action (simulate_attack, check_detection, run_test) and username, required;
-- num_ips (20 if left out, 1-1000) and country_code (two letters) for simulate_attack and run_test.

local campaigns = require("nacre_campaigns")
local parameters = require("nacre_parameters")

local MOST_ADDRESSES = 1000

local function failed(message, problem)
  return { status = "error", message = message, error = problem }
end

-- Returns what an attack is to be like or, if that cannot be, nil and the answer that says so.
local function attack(message)
  local text, country = parameters.get("num_ips"), parameters.get("country_code")
  local addresses = text == "" and 20 or tonumber(text)
  if not addresses or addresses % 1 ~= 0 or addresses < 1 or addresses > MOST_ADDRESSES then
    return nil, failed(message, "Invalid num_ips parameter: must be a whole number from 1 to " .. MOST_ADDRESSES)
  end
  if country ~= "" and not country:match("^%a%a$") then
    return nil, failed(message, "Invalid country_code parameter: must be two letters")
  end
  return { addresses = addresses, country = country:upper() }
end

local actions = {}

function actions.simulate_attack(username)
  local wanted, unusable = attack("Failed to simulate attack")
  if not wanted then
    return unusable
  end
  local simulated, problem = campaigns.simulate(username, wanted.addresses, wanted.country)
  if not simulated then
    return failed("Failed to simulate attack", problem)
  end
  return {
    status = "success",
    message = "Distributed brute force attack simulated successfully",
    username = username,
    num_ips = wanted.addresses,
    country_code = wanted.country,
  }
end

function actions.check_detection(username)
  local detection, problem = campaigns.detection(username)
  if not detection then
    return failed("Failed to check detection", problem)
  end
  return {
    status = "success",
    message = "Detection check completed",
    username = username,
    detection_result = detection,
  }
end

function actions.run_test(username)
  local wanted, unusable = attack("Failed to run test")
  if not wanted then
    return unusable
  end
  local detection, problem = campaigns.simulate(username, wanted.addresses, wanted.country)
  if not detection then
    return failed("Failed to run test", problem)
  end
  local detected = detection.attack_detected
  return {
    status = "success",
    message = "Test completed",
    username = username,
    num_ips = wanted.addresses,
    country_code = wanted.country,
    detection_result = detection,
    test_result = detected and "PASS" or "FAIL",
    test_message = "Distributed brute force attack was " .. (detected and "successfully detected" or "not detected"),
  }
end

function nauthilus_run_hook(logging, session)
  local action, username = parameters.get("action"), parameters.get("username")
  if action == "" then
    return failed("Missing required parameter: action", "action is simulate_attack, check_detection or run_test")
  end
  if not actions[action] then
    return failed("Invalid action: " .. action:sub(1, 64), "action is simulate_attack, check_detection or run_test")
  end
  if username == "" then
    return failed("Missing required parameter: username", action .. " needs the name of an account")
  end
  if #username > 512 or username:find("%c") then
    return failed("Invalid username parameter", "a username has at most 512 bytes and no control characters")
  end
  return actions[action](username)
end
