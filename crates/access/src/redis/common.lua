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
local max, min = math.max, math.min

local now = tonumber(ARGV[1])

local function after(moment, time)
  return min(moment + time, LATEST)
end

local function count_of(state)
  return #state.attempts / 7
end

-- The attempt at a place, the oldest at 1.
local function attempt(state, place)
  return (read('>I7', state.attempts, place * 7 - 6))
end

local function read_rule(bytes)
  local rule = { kind = sub(bytes, 1, 1) }
  if rule.kind == 'D' then
    rule.limit = read('>I4', bytes, 2)
    rule.waits = bytes
    rule.steps = (#bytes - 5) / 7
  elseif rule.kind == 'B' then
    local timed
    rule.after, timed, rule.time = read('>I4BI7', bytes, 2)
    rule.timed = timed == 1
  elseif rule.kind == 'C' then
    rule.after = read('>I4', bytes, 2)
  elseif rule.kind == 'L' then
    rule.cost, rule.capacity = read('>I7I7', bytes, 2)
  end
  return rule
end

local function wait_after(rule, failures)
  if failures == 0 then return 0 end
  local step = min(failures, rule.steps)
  return (read('>I7', rule.waits, 6 + (step - 1) * 7))
end

-- A record, a fresh one if there is none, or nil if it is not one of ours.
local function read_record(bytes, rule)
  if rule.kind == 'L' then
    if not bytes then return { empty = 0 } end
    if #bytes ~= 8 or byte(bytes) ~= 2 then return nil end
    local empty = read('>I7', bytes, 2)
    return empty <= LATEST and { empty = empty } or nil
  end
  if not bytes then return { failures = 0, last = 0, attempts = '' } end
  if #bytes < 12 or #bytes > 7012 or (#bytes - 12) % 7 ~= 0 or byte(bytes) ~= 1 then
    return nil
  end
  local failures, last = read('>I4I7', bytes, 2)
  local state = { failures = failures, last = last, attempts = sub(bytes, 13) }
  local count = count_of(state)
  if last > LATEST or count > 0 and attempt(state, count) > LATEST then return nil end
  return state
end

-- When the failures in a row are forgotten; nil for not before an unlock.
local function forgotten_at(record, rule)
  if record.failures == 0 or rule.kind == 'N' then return 0 end
  if rule.kind == 'D' then
    return after(record.last, max(wait_after(rule, record.failures), DAY))
  end
  if rule.kind == 'C' then return after(record.last, DAY) end
  if record.failures < rule.after then return after(record.last, MONTH) end
  if rule.timed then return after(record.last, rule.time) end
  return nil
end

-- When a record may vanish; nil for not before an unlock. Later than it is void, for the sake
-- of a clock that goes back.
local function idle_at(record, rule)
  local void
  if rule.kind == 'L' then
    void = record.empty
  else
    void = forgotten_at(record, rule)
    local count = count_of(record)
    if void and rule.kind == 'D' and count > 0 then
      void = max(void, after(attempt(record, count), DAY))
    end
  end
  if not void or void == 0 then return void end
  return after(void, SLACK)
end

local function keep(key, record, rule)
  local idle = idle_at(record, rule)
  if idle and idle <= now then
    redis.call('DEL', key)
    return
  end
  local bytes
  if rule.kind == 'L' then
    bytes = write('>BI7', 2, record.empty)
  else
    bytes = write('>BI4I7', 1, record.failures, record.last) .. record.attempts
  end
  if idle then
    local left = math.ceil((idle - now) / 1000) + MARGIN
    redis.call('SET', key, bytes, 'PX', left)
  else
    redis.call('SET', key, bytes)
  end
end

-- All records and rules of an attempt, or nil if one is damaged. Nothing is written before.
local function read_all(first_rule)
  local kept, cells = redis.call('MGET', unpack(KEYS)), {}
  for place = 1, #KEYS do
    local rule = read_rule(ARGV[first_rule + place - 1])
    local record = read_record(kept[place], rule)
    if not record then return nil end
    cells[place] = { rule = rule, record = record }
  end
  return cells
end

