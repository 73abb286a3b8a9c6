-- SPDX-License-Identifier: Apache-2.0
-- Runs scripts, one at a time, each with globals of its own.
--
-- Arguments: the run, the table of watch.lua, fresh, base and copier of scope.lua, and a table of
--   native  function(name) -> table of wrapped functions, asked for once; nil if there is none
--   source  function(name) -> text, chunk name of a module written in Lua; nil if there is none
-- Returns compile(text, name) and perform(chunk, globals, first, entry, ...), which returns
--   true and the results of the entry; nil if the script has no such function;
--   or false, what is wrong, whether a limit was hit, the chunk and the line.

local run, watch, fresh, base, copier, host = ...
local type, next, rawequal, select, tostring, error = type, next, rawequal, select, tostring, error
local loadstring, setfenv = loadstring, setfenv
local resume, yield, getinfo = coroutine.resume, coroutine.yield, debug.getinfo
local sub, byte = string.sub, string.byte

local MISSING = {}
local DEEPEST = 40 -- levels of the stack that are searched for a line of the script

local function compile(text, name)
  if byte(text) == 27 then
    return nil, "only source text is taken, no bytecode"
  end
  return loadstring(text, name)
end

-- Modules.

-- What makes copies of a module of the host, tables in it included.
local function copies(module)
  local inner = {}
  for name, value in next, module do
    if type(value) == "table" then
      inner[name] = copier(value)
    end
  end
  local outer = copier(module)
  return function()
    local copy = outer()
    for name, make in next, inner do
      copy[name] = make()
    end
    return copy
  end
end

local chunks, natives = {}, {}

local function from_source(name)
  local text, chunk_name = host.source(name)
  if not text then
    return nil
  end
  local kept = chunks[name]
  if not kept or kept.text ~= text then
    local made, why = compile(text, chunk_name)
    if not made then
      error("error loading module '" .. name .. "': " .. why, 3)
    end
    kept = { text = text, made = made }
    chunks[name] = kept
  end
  return setfenv(kept.made, run.env)
end

function base.require(name)
  local loaded = run.loaded
  local module = loaded[name]
  if module ~= nil then
    return module
  end
  if type(name) ~= "string" then
    error("bad argument #1 to 'require' (string expected, got " .. type(name) .. ")", 2)
  end
  local package = run.env.package
  local preload = type(package) == "table" and package.preload
  local opener = type(preload) == "table" and preload[name] or nil
  if opener == nil then
    local make = natives[name]
    if not make then
      local native = host.native(name)
      make = native and copies(native)
      natives[name] = make or nil
    end
    if make then
      module = make()
      loaded[name] = module
      return module
    end
    opener = from_source(name)
  end
  if opener == nil then
    error("module '" .. name .. "' not found", 2)
  end
  loaded[name] = true
  local given = opener(name)
  if given ~= nil then
    loaded[name] = given
  end
  return loaded[name]
end

function base.module(name, ...)
  local module = run.loaded[name]
  if type(module) ~= "table" then
    module = { _NAME = name }
    module._M = module
    run.loaded[name], run.env[name] = module, module
  end
  for place = 1, select("#", ...) do
    (select(place, ...))(module)
  end
  setfenv(2, module)
end

function base.dynamic_loader(name)
  if type(name) ~= "string" then
    error("bad argument #1 to 'dynamic_loader' (string expected, got " .. type(name) .. ")", 2)
  end
end

-- A run.

local function body(chunk, first, entry, ...)
  chunk()
  local env = run.env
  local early, late = first and env[first], env[entry]
  run.entry = late or early
  if early then
    early(...)
  end
  if late == nil then
    return early and true or MISSING
  end
  return true, late(...)
end

-- Where a coroutine stands: the innermost line of a script, or where its entry begins.
local function place(co, entry)
  for level = 0, DEEPEST do
    local info = getinfo(co, level, "Sl")
    if not info then
      break
    end
    if info.currentline > 0 and sub(info.source, 1, 1) == "@" then
      return sub(info.source, 2), info.currentline
    end
  end
  local info = type(entry) == "function" and getinfo(entry, "S")
  if info and sub(info.source, 1, 1) == "@" then
    return sub(info.source, 2), info.linedefined
  end
end

-- One coroutine serves all runs, until an error ends it.
local worker

local function serve(...)
  return serve(yield(body(...)))
end

local function ended(co, ok, what, ...)
  local limit, entry = watch.stopped(), run.entry
  local why = limit
  if not why and not ok then
    local plain = type(what) == "string" or type(what) == "number"
    why = plain and tostring(what) or "the error is a " .. type(what)
    limit = what == "not enough memory"
  end
  if not why and watch.full() then
    why, limit = watch.too_much, true
  end
  run.env, run.loaded, run.entry = nil, nil, nil
  if not ok then
    watch.anchor(co)
    worker = nil
  end
  if why then
    return false, why, limit and true or false, place(co, entry)
  end
  if rawequal(what, MISSING) then
    return nil
  end
  return true, ...
end

local function perform(chunk, globals, first, entry, ...)
  fresh(globals)
  setfenv(chunk, run.env)
  worker = worker or watch.coroutine(serve)
  run.main = worker
  watch.begin(worker)
  return ended(worker, resume(worker, chunk, first, entry, ...))
end

return compile, perform
