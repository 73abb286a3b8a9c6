-- SPDX-License-Identifier: Apache-2.0
-- nauthilus_opentelemetry: the functions of the module as they are where tracing is off. None of them does anything
-- but run what it is handed.

local M = { semconv = {} }

local function nothing() end

local function new_span()
  return {
    set_attribute = nothing, set_attributes = nothing, add_event = nothing, set_status = nothing,
    record_error = nothing, finish = nothing, ["end"] = nothing,
  }
end

local function with_span(_, _, work)
  return work(new_span())
end

function M.tracer()
  return { start_span = new_span, with_span = with_span }
end

function M.is_enabled()
  return false
end

local baggage = {}

function M.baggage_set(key, value)
  baggage[key] = value
end

function M.baggage_get(key)
  return baggage[key]
end

function M.baggage_all()
  local copy = {}
  for key, value in pairs(baggage) do
    copy[key] = value
  end
  return copy
end

function M.baggage_clear()
  baggage = {}
end

M.inject_headers, M.extract_headers, M.default_tracer = nothing, nothing, M.tracer

local function attributes(given)
  local copy = {}
  for key, value in pairs(given or {}) do
    copy[key] = value
  end
  return copy
end

for _, name in ipairs({ "http_client_attrs", "http_server_attrs", "db_attrs", "net_attrs", "rpc_attrs", "peer_service" }) do
  M.semconv[name] = attributes
end

return M
