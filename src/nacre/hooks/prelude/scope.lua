-- SPDX-License-Identifier: Apache-2.0
-- What scripts see: a table of globals of their own for each run, made of what cannot do harm.
--
-- Arguments: the run (its `env`, `loaded`, `main`; `own`, the globals of what runs share), the table of watch.lua, replacements for functions of string and of
-- table, and a table of
--   say     function(text): what a script prints
--   getenv  function(name) -> text or nil
-- Returns fresh(globals), which makes the globals of a run and its table of modules; base, to which more can be added
-- before the first run; copier(table); and former(names, usual).

local run, watch, strings_of_ours, tables_of_ours, host = ...
local G = _G
local type, next, rawequal, select, tostring, pcall, error = type, next, rawequal, select, tostring, pcall, error
local setmetatable, getmetatable, getfenv, setfenv = setmetatable, getmetatable, getfenv, setfenv
local loadstring, gc, resume, unpack = loadstring, collectgarbage, coroutine.resume, unpack
local running, yield = coroutine.running, coroutine.yield
local sub, byte, format, concat = string.sub, string.byte, string.format, table.concat
local within, stopped = watch.within, watch.stopped

local base = {
  _VERSION = _VERSION, assert = assert, error = error, ipairs = ipairs, next = next, pairs = pairs, pcall = pcall,
  rawequal = rawequal, rawget = rawget, rawset = rawset, select = select, setmetatable = setmetatable,
  tonumber = tonumber, tostring = tostring, type = type, unpack = unpack,
}

local function copy(from, over)
  local to = {}
  for name, value in next, from do
    to[name] = value
  end
  for name, value in next, over or {} do
    to[name] = value
  end
  return to
end

local strings, tables, numbers = copy(string, strings_of_ours), copy(table, tables_of_ours), copy(math)
local routines, files = { status = coroutine.status, create = watch.coroutine }, {}
strings.dump = nil
numbers.randomseed = function() end -- one source for all, seeded by the host
local libraries = {
  string = strings, table = tables, math = numbers, coroutine = routines, io = files,
  os = { clock = os.clock, date = os.date, difftime = os.difftime, time = os.time,
         getenv = host.getenv, environ = host.getenv },
  debug = { traceback = debug.traceback },
}
local shared = getmetatable("")
shared.__index, shared.__metatable = strings, false

-- A handler that runs where the error was raised would run unwatched, so it runs behind it.
local function handled(handler, ok, ...)
  if ok then
    return true, ...
  end
  return false, handler(...)
end

function base.xpcall(body, handler)
  return handled(handler, pcall(body))
end

function base.getmetatable(value)
  if type(value) == "table" then
    return getmetatable(value)
  end
  return type(value) == "string" and { __index = run.env.string } or nil
end

function base.getfenv(what)
  what = what or 1
  if what == 0 then
    return run.env
  end
  local found = getfenv(type(what) == "number" and what + 1 or what)
  if rawequal(found, G) or rawequal(found, run.own) then
    found = run.env
  end
  return found
end

function base.setfenv(what, to)
  local level = type(what) == "number" and what + 1 or what
  local found = what ~= 0 and getfenv(level)
  if not found or rawequal(found, G) or rawequal(found, run.own) then
    error("'setfenv' cannot change environment of given object", 2)
  end
  local changed = setfenv(level, to)
  return changed
end

local function compiled(text, name)
  if byte(text) == 27 then
    return nil, "only source text is taken, no bytecode"
  end
  watch.weigh(#text * 100)
  local made, why = loadstring(text, "=" .. sub(tostring(name or "(load)"), 1, 50))
  if not made then
    return nil, why
  end
  return setfenv(made, run.env)
end

function base.loadstring(text, name)
  if type(text) ~= "string" then
    error("bad argument #1 to 'loadstring' (string expected, got " .. type(text) .. ")", 2)
  end
  return compiled(text, name)
end

function base.load(reader, name)
  local pieces = {}
  while true do
    local piece = reader()
    if piece == nil or piece == "" then
      return compiled(concat(pieces), name)
    end
    pieces[#pieces + 1] = piece
  end
end

function base.collectgarbage(what)
  return what == "count" and gc("count") or 0
end

function base.gcinfo()
  return gc("count")
end

local function texts(...)
  local made = {}
  for place = 1, select("#", ...) do
    made[place] = tostring((select(place, ...)))
  end
  return made
end

function base.print(...)
  host.say(concat(texts(...), "\t"))
end

function files.write(...)
  host.say(concat(texts(...)))
  return true
end

function files.open()
  return nil, "scripts have no files"
end

function files.read() end
files.flush, files.close = files.read, files.read
files.stdout, files.stderr = false, false -- tables of each run

local stream = { flush = files.read, close = files.read }
local write = files.write

function stream.write(_, ...)
  return write(...)
end

local function see_all(module)
  setmetatable(module, { __index = run.env })
end

-- Coroutines are watched like the script itself.

local function passed(ok, ...)
  if stopped() then
    error(stopped(), 2)
  end
  return ok, ...
end

function routines.resume(co, ...)
  within(2)
  return passed(resume(co, ...))
end

local function unwrapped(ok, ...)
  if ok and not stopped() then
    return ...
  end
  error(stopped() or (...), 0)
end

function routines.wrap(body)
  local co = watch.coroutine(body)
  return function(...)
    within(2)
    return unwrapped(resume(co, ...))
  end
end

function routines.yield(...)
  if running() == run.main then
    error("attempt to yield from outside a coroutine", 2)
  end
  return yield(...)
end

function routines.running()
  local co = running()
  if co ~= run.main then
    return co
  end
end

-- The text of the entries of a table, whose values lie in a row of that name; and the row.  Code that names every entry
-- makes a copy in a sixth of the time that a loop takes: it never has to grow.
local function entries_of(from, row)
  local entries, values = {}, {}
  for name, value in next, from do
    entries[#entries + 1] = format("[%q] = %s[%d]", name, row, #entries + 1)
    values[#entries] = value
  end
  return concat(entries, ", "), values
end

-- A function that copies a table as often as it is called.
local function copier(from)
  local text, row = entries_of(from, "row")
  return loadstring("local row = ... return function() return {" .. text .. "} end", "=nacre")(row)
end

-- A function that makes a table as often as it is called: of values for the entries that `names` lists, in that order, of
-- a table with further entries, or nil, and for the rest of what they are in `usual`; a table there stands for an empty
-- object.  As fast as a copier.
local function former(names, usual)
  local values, entries, named = {}, {}, {}
  for place = 1, #names do
    values[place] = "v" .. place
    entries[place] = format("[%q] = v%d", names[place], place)
    named[names[place]] = true
  end
  for name, value in next, usual do
    if not named[name] then
      local text = type(value) == "string" and format("%q", value) or tostring(value)
      entries[#entries + 1] = format("[%q] = %s", name, type(value) == "table" and "map()" or text)
    end
  end
  return loadstring(
    "local next, map = ... return function(" .. concat(values, ", ") .. ", more)"
      .. " local made = {" .. concat(entries, ", ") .. "}"
      .. " if more then for name, value in next, more do made[name] = value end end return made end",
    "=nacre"
  )(next, watch.map)
end

-- A function that makes the globals of a run, and its table of modules.
local function maker(globals)
  local rows, names, steps, env, loaded = {}, {}, {}, {}, {}
  local function add(name, from)
    local place = #rows + 1
    names[place] = "r" .. place
    local text, row = entries_of(from, names[place])
    rows[place], steps[place] = row, format("local t%d = {%s}", place, text)
    return format("[%q] = t%d, ", name, place)
  end
  for name, library in next, libraries do
    loaded[#loaded + 1] = add(name, library)
  end
  for name, value in next, globals do
    env[#env + 1] = add(name, value)
  end
  local text, row = entries_of(base, "base")
  local shared_text = concat(loaded)
  local code = "local base, " .. concat(names, ", ") .. " = ... return function() " .. concat(steps, " ")
    .. " return {" .. shared_text .. concat(env) .. "_G = false, package = false, " .. text .. "}"
    .. ", {" .. shared_text .. "_G = false} end"
  return loadstring(code, "=nacre")(row, unpack(rows))
end

local make
local make_stream = copier(stream)

local function fresh(globals)
  make = make or maker(globals)
  local env, loaded = make()
  env.io.stdout, env.io.stderr = make_stream(), make_stream()
  env._G, loaded._G = env, env
  env.package = { loaded = loaded, preload = {}, path = "", cpath = "", seeall = see_all }
  return env, loaded
end

return fresh, base, copier, former
