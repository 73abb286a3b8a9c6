-- SPDX-License-Identifier: Apache-2.0
-- Ends runs that take too much.  A hook of the interpreter looks at memory and time every so many instructions; once a
-- run is to end, every further instruction says so again, so that no pcall catches it for ever.
--
-- Argument: a table of
--   memory   KiB that the state may hold
--   expired  function() -> text if the run must end, else nil; asked at the first look, then once in a millisecond of CPU
--            time
--   worn     function(): the state is to be replaced after this run
-- Returns a table of
--   begin(co)        a run begins, in a coroutine that is kept as long as the state
--   anchor(co)       keep another coroutine as long
--   stopped()        why it has to end, or nil
--   within(level)    raise an error at that level of the stack if too much memory is held, or the run has to end
--   weigh(cost)      a C function is about to do work of some nanoseconds that no instruction tells of
--   coroutine(body)  a coroutine that is watched
--   full()           whether too much memory is held, after collecting what is not used
--   wrap(function)   a function of the host as one of Lua; it returns true and its results, or false and what is wrong
--   map()            an empty table that stands for an object of JSON; is_map(table) tells it from a list
--   too_much         what is said of too much memory

local limits = ...
local error, gc, clock = error, collectgarbage, os.clock
local type, rawget, getmetatable, setmetatable = type, rawget, getmetatable, setmetatable
local create, running, sethook = coroutine.create, coroutine.running, debug.sethook

local COUNT = 1000 -- instructions between two looks
local ASK = 0.001 -- seconds of CPU time between two questions to the host
local HEAVY = 5e6 -- nanoseconds of work in C functions after which the time is looked at
local MOST_ANCHORED = 64 -- coroutines that are kept
local TOO_MUCH = "the script holds more memory than it may"

local memory, expired = limits.memory, limits.expired
local stopped, asked, heavy = nil, nil, 0
local watch

local function stop(why, level)
  stopped = why
  sethook(watch, "", 1)
  error(why, level + 1)
end

local function full()
  if gc("count") > memory then
    gc("collect")
    return gc("count") > memory * 0.9
  end
  return false
end

local function within(level)
  if stopped then
    error(stopped, level + 1)
  end
  if gc("count") > memory and full() then
    stop(TOO_MUCH, level + 1)
  end
end

local function look(level)
  local now = clock()
  if not asked or now - asked > ASK then
    asked = now
    local why = expired()
    if why then
      stop(why, level + 1)
    end
  end
end

watch = function()
  if stopped then
    sethook(watch, "", 1)
    error(stopped, 2)
  end
  within(2)
  look(2)
end

local function finished(ok, ...)
  if ok then
    return ...
  end
  error((...), 3)
end

local map = { __jsontype = "object" }

-- Tables that Python is handed hold on to the coroutine that handed them over, and use it until they are let go of, which
-- nobody knows when: it must not be collected before the state is.
local anchors, anchored, main = {}, 0, nil

local function anchor(co)
  anchors[co], anchored = true, anchored + 1
  if anchored == MOST_ANCHORED then
    limits.worn()
  end
end

return {
  begin = function(co)
    stopped, asked, heavy, main = nil, nil, 0, co
  end,
  stopped = function()
    return stopped
  end,
  within = within,
  weigh = function(cost)
    heavy = heavy + cost
    if not (heavy <= HEAVY) then -- what is no number, too
      heavy = 0
      within(3)
      look(3)
    end
  end,
  coroutine = function(body)
    local made = create(body)
    sethook(made, watch, "", COUNT)
    return made
  end,
  full = full,
  wrap = function(outside)
    return function(...)
      if stopped or gc("count") > memory then
        within(3)
      end
      local co = running()
      if co and co ~= main and not anchors[co] then
        anchor(co)
      end
      return finished(outside(...))
    end
  end,
  anchor = anchor,
  map = function()
    return setmetatable({}, map)
  end,
  is_map = function(value)
    local meta = getmetatable(value)
    return type(meta) == "table" and rawget(meta, "__jsontype") == "object"
  end,
  too_much = TOO_MUCH,
}
