-- KEYS: the counters. ARGV: now, presence (0 or 1), one rule for each counter.
-- Answers two numbers for each counter: 0 admit, 1 wait (and how many microseconds),
-- 2 prove presence, 3 blocked. If all are 0, the failure is counted in each.
local presence = ARGV[2] == '1'

-- Moments that the clock has not reached by far are from before it was set back.
local function settle_clock(cell)
  local rule, record = cell.rule, cell.record
  if rule.kind == 'L' then
    local full = after(now, rule.capacity)
    if record.empty - full > SLACK then
      record.empty, cell.moved = full, true
    end
    return
  end
  if record.failures == 0 then record.last = 0 end
  local count = count_of(record)
  local latest = count > 0 and attempt(record, count) or 0
  if max(latest, record.last) - now <= SLACK then return end
  cell.moved = true
  record.last = min(record.last, now)
  local moments = {}
  for place = 1, count do
    moments[place] = write('>I7', min(attempt(record, place), now))
  end
  record.attempts = table.concat(moments)
end

-- Forgets what time has made void.
local function settle(cell)
  settle_clock(cell)
  local rule, record = cell.rule, cell.record
  if rule.kind == 'L' then return end
  local forgotten = forgotten_at(record, rule)
  if forgotten and forgotten <= now then record.failures = 0 end
  if rule.kind ~= 'D' then
    record.attempts = ''
    return
  end
  local old, count = 0, count_of(record)
  while old < count and after(attempt(record, old + 1), DAY) <= now do
    old = old + 1
  end
  if old > 0 then record.attempts = sub(record.attempts, old * 7 + 1) end
end

local function check(cell)
  local rule, record = cell.rule, cell.record
  if rule.kind == 'L' then
    local filled = after(max(record.empty, now), rule.cost)
    local wait = filled - after(now, rule.capacity)
    if wait > 0 then return 1, wait end
  elseif rule.kind == 'D' then
    local due = record.failures > 0 and after(record.last, wait_after(rule, record.failures)) or 0
    local count = count_of(record)
    if count >= rule.limit then
      due = max(due, after(attempt(record, count - rule.limit + 1), DAY))
    end
    if due > now then return 1, due - now end
  elseif rule.kind == 'B' and record.failures >= rule.after then
    return 3, 0
  elseif rule.kind == 'C' and record.failures >= rule.after and not presence then
    return 2, 0
  end
  return 0, 0
end

local function count(cell)
  local rule, record = cell.rule, cell.record
  if rule.kind == 'L' then
    record.empty = after(max(record.empty, now), rule.cost)
    return
  end
  if rule.kind == 'N' then return end
  -- The clocks of two callers may differ a little: the last failure of a row is the latest.
  record.last = record.failures == 0 and now or max(record.last, now)
  record.failures = min(record.failures + 1, 4294967295)
  if rule.kind ~= 'D' then return end
  local place = count_of(record)
  while place > 0 and attempt(record, place) > now do
    place = place - 1
  end
  record.attempts = sub(record.attempts, 1, place * 7)
    .. write('>I7', now)
    .. sub(record.attempts, place * 7 + 1)
end

local cells = read_all(3)
if not cells then return redis.error_reply('REMPART damaged counter') end
local answer, admitted = {}, true
for place, cell in ipairs(cells) do
  settle(cell)
  local decision, wait = check(cell)
  answer[place * 2 - 1], answer[place * 2] = decision, wait
  admitted = admitted and decision == 0
end
for place, cell in ipairs(cells) do
  if admitted then count(cell) end
  if admitted or cell.moved then keep(KEYS[place], cell.record, cell.rule) end
end
return answer
