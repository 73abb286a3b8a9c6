-- SPDX-License-Identifier: Apache-2.0
-- Runs scripts, one at a time, each with globals of its own.
--
-- Arguments: the run (its `globals`, once they are there), the table of watch.lua, fresh, base, copier and former of
-- scope.lua, and a table of
--   native   function(name) -> table of wrapped functions, asked for once; nil if there is none
--   source   function(name) -> text, chunk name of a module written in Lua, and whether it is ours and keeps nothing; nil
--            if there is none
--   names    of the entries of a request that are handed over one by one
--   usual    every entry of a request, as it usually is
-- Returns
--   compile(text, name)
--   perform(chunk, version, first, entry, ...), where what `native` and `source` say changes with `version` only;
--     it returns true and the results of the entry; nil if the script has no such function;
--     or false, what is wrong, whether a limit was hit, the chunk and the line
--   perform_on(chunk, version, first, entry, ...), the same upon a request, of which the values are handed over, and
--     a table of further entries, or nil
--   prepare(), which makes the globals of the next run, and copies of the modules that runs ask for

local run, watch, fresh, base, copier, former, host = ...
local type, next, rawequal, select, tostring, error = type, next, rawequal, select, tostring, error
local loadstring, setfenv, pcall = loadstring, setfenv, pcall
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
local wanted, spare = {}, {} -- what makes copies of modules that runs asked for, and a copy of each for the next run

local function from_host(name)
  local make = natives[name]
  if not make then
    local native = host.native(name)
    make = native and copies(native)
    natives[name] = make or nil
  end
  return make
end

local function opener_of(kept)
  return kept.once and kept.made or setfenv(kept.made, run.env)
end

-- A module that keeps nothing need not run each time: all runs share its functions, in globals that no script reaches.
-- What it requires must not be what this run put in the place of it, nor be there for this run to change.
local function once(made, name)
  local env, loaded = run.env, run.loaded
  run.own, run.loaded = fresh(run.globals)
  run.env = run.own
  local ok, module = pcall(setfenv(made, run.own), name)
  run.env, run.loaded = env, loaded
  if not ok then
    error(module, 0)
  end
  local make = copies(module)
  return function()
    return make()
  end
end

local function from_source(name)
  local text, chunk_name, keeps_nothing = host.source(name)
  if not text then
    return nil
  end
  local kept = chunks[name]
  if not kept or kept.text ~= text then
    local made, why = compile(text, chunk_name)
    if not made then
      error("error loading module '" .. name .. "': " .. why, 3)
    end
    kept = { text = text, made = keeps_nothing and once(made, name) or made, once = keeps_nothing }
    chunks[name] = kept
  end
  kept.version = run.version
  return opener_of(kept)
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
    local kept = chunks[name]
    if kept and kept.version == run.version then
      opener = opener_of(kept)
    else
      module = spare[name]
      if module then
        spare[name] = nil
        loaded[name] = module
        return module
      end
      local make = from_host(name)
      if make then
        wanted[name] = make
        module = make()
        loaded[name] = module
        return module
      end
      opener = from_source(name)
    end
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

-- The globals of the next run, made while nobody waits.
local prepared, prepared_loaded

local function ready()
  if not prepared then
    prepared, prepared_loaded = fresh(run.globals)
  end
end

local function prepare()
  ready()
  for name, make in next, wanted do
    spare[name] = spare[name] or make()
  end
end

local function perform(chunk, version, first, entry, ...)
  worker = worker or watch.coroutine(serve)
  run.main, run.version = worker, version
  ready()
  run.env, run.loaded, prepared, prepared_loaded = prepared, prepared_loaded, nil, nil
  setfenv(chunk, run.env)
  watch.begin(worker)
  return ended(worker, resume(worker, chunk, first, entry, ...))
end

local form = former(host.names, host.usual)

local function perform_on(chunk, version, first, entry, ...)
  return perform(chunk, version, first, entry, form(...))
end

return compile, perform, perform_on, prepare
