-- What both scripts share: the records, the rules, and when a record may vanish.
--
-- A record is kept as bytes, numbers with the highest byte first. Moments are microseconds
-- below 2^53, which Lua's numbers hold exactly.
--   1, failures (4), last failure (7), attempts of the day (7 each), oldest first
--   2, moment at which the bucket is empty (7)
-- A rule comes as an argument:
--   D, attempts in a day (4), waits after 1, 2, … failures (7 each; the last goes on)
--   B, failures (4), whether it ends by time (1), that time (7)
--   C, failures (4)
--   L, cost of a failure (7), capacity (7)
--   N
local LATEST, DAY, MONTH, SLACK = 9007199254740991, 86400000000, 2592000000000, 10000000
-- Added to every expiry, in milliseconds: the clocks of two callers may differ.
local MARGIN = 60000

-- A local name is found faster than a field of a global one.
local read, write, sub, byte = struct.unpack, struct.pack, string.sub, string.byte
local max, min, call = math.max, math.min, redis.call

local now = tonumber(ARGV[1])

local function after(moment, time)
  return min(moment + time, LATEST)
end

-- The attempt at a place, the oldest at 1.
local function attempt(cell, place)
  return (read('>I7', cell.attempts, place * 7 - 6))
end

-- A counter: its record, a fresh one if there is none, and its rule in one table, made at its
-- full size at once. Or nil if the record is not one of ours.
local function read_cell(bytes, rule)
  local kind = sub(rule, 1, 1)
  if kind == 'L' then
    local empty = 0
    if bytes then
      if #bytes ~= 8 or byte(bytes) ~= 2 then return nil end
      empty = read('>I7', bytes, 2)
      if empty > LATEST then return nil end
    end
    local cost, capacity = read('>I7I7', rule, 2)
    return { kind = kind, moved = false, empty = empty, cost = cost, capacity = capacity }
  end
  local failures, last, attempts = 0, 0, ''
  if bytes then
    local size = #bytes
    if size < 12 or size > 7012 or (size - 12) % 7 ~= 0 or byte(bytes) ~= 1 then return nil end
    failures, last = read('>I4I7', bytes, 2)
    if last > LATEST then return nil end
    if size > 12 then
      attempts = sub(bytes, 13)
      if read('>I7', bytes, size - 6) > LATEST then return nil end
    end
  end
  local cell = {
    kind = kind, moved = false, failures = failures, last = last, attempts = attempts,
    count = #attempts / 7, limit = 0, time = false,
  }
  if kind == 'D' then
    cell.limit = read('>I4', rule, 2)
    cell.time = rule
  elseif kind == 'B' then
    local timed, time
    cell.limit, timed, time = read('>I4BI7', rule, 2)
    cell.time = timed == 1 and time
  elseif kind == 'C' then
    cell.limit = read('>I4', rule, 2)
  end
  return cell
end

-- The wait after some failures under a delay, at least one.
local function wait_after(cell)
  local place = 6 + (cell.failures - 1) * 7
  return (read('>I7', cell.time, min(place, #cell.time - 6)))
end

-- When the failures in a row are forgotten; nil for not before an unlock.
local function forgotten_at(cell)
  local kind = cell.kind
  if cell.failures == 0 or kind == 'N' then return 0 end
  if kind == 'D' then return after(cell.last, max(wait_after(cell), DAY)) end
  if kind == 'C' then return after(cell.last, DAY) end
  if cell.failures < cell.limit then return after(cell.last, MONTH) end
  return cell.time and after(cell.last, cell.time) or nil
end

-- When a record may vanish; nil for not before an unlock. Later than it is void, for the sake
-- of a clock that goes back.
local function idle_at(cell)
  local void
  if cell.kind == 'L' then
    void = cell.empty
  else
    void = forgotten_at(cell)
    if void and cell.count > 0 and cell.kind == 'D' then
      void = max(void, after(attempt(cell, cell.count), DAY))
    end
  end
  if not void or void == 0 then return void end
  return after(void, SLACK)
end

local function keep(key, cell)
  local idle = idle_at(cell)
  if idle and idle <= now then
    call('DEL', key)
    return
  end
  local bytes
  if cell.kind == 'L' then
    bytes = write('>BI7', 2, cell.empty)
  else
    bytes = write('>BI4I7', 1, cell.failures, cell.last) .. cell.attempts
  end
  if idle then
    call('SET', key, bytes, 'PX', math.ceil((idle - now) / 1000) + MARGIN)
  else
    call('SET', key, bytes)
  end
end

-- All counters of an attempt, or nil if one is damaged. Nothing is written before.
local function read_all(first_rule)
  local kept, cells = call('MGET', unpack(KEYS)), {}
  for place = 1, #KEYS do
    local cell = read_cell(kept[place], ARGV[first_rule + place - 1])
    if not cell then return nil end
    cells[place] = cell
  end
  return cells
end

