-- KEYS: the counters. ARGV: now, presence, one rule for each counter. Presence is 0 unproved,
-- 1 proved, or how the failures stood when it was: how many, and when the last one was.
-- Answers three numbers for each counter: 0 admit, 1 wait (and how many microseconds),
-- 2 prove presence (and how the failures stand), 3 blocked. If all are 0, the failure is counted
-- in each.
local proved, proved_failures, proved_last = ARGV[2] == '1', nil, nil
if #ARGV[2] > 1 then
  local failures, last = string.match(ARGV[2], '^(%d+) (%d+)$')
  proved_failures, proved_last = tonumber(failures), tonumber(last)
end

-- Moments that the clock has not reached by far are from before it was set back.
local function settle_clock(cell)
  if cell.kind == 'L' then
    local full = after(now, cell.capacity)
    if cell.empty - full > SLACK then
      cell.empty, cell.moved = full, true
    end
    return
  end
  if cell.failures == 0 then cell.last = 0 end
  local latest = cell.count > 0 and attempt(cell, cell.count) or 0
  if max(latest, cell.last) - now <= SLACK then return end
  cell.moved = true
  cell.last = min(cell.last, now)
  local moments = {}
  for place = 1, cell.count do
    moments[place] = write('>I7', min(attempt(cell, place), now))
  end
  cell.attempts = table.concat(moments)
end

-- Forgets what time has made void.
local function settle(cell)
  settle_clock(cell)
  if cell.kind == 'L' then return end
  if cell.failures > 0 then
    local forgotten = forgotten_at(cell)
    if forgotten and forgotten <= now then cell.failures = 0 end
  end
  if cell.kind ~= 'D' then
    cell.attempts, cell.count = '', 0
    return
  end
  local old, count = 0, cell.count
  while old < count and after(attempt(cell, old + 1), DAY) <= now do
    old = old + 1
  end
  if old > 0 then
    cell.attempts, cell.count = sub(cell.attempts, old * 7 + 1), count - old
  end
end

-- When the last failure of the row was, whether or not a counter without any is kept.
local function last_failure(cell)
  return cell.failures > 0 and cell.last or 0
end

local function is_proved(cell)
  return proved or cell.failures == proved_failures and last_failure(cell) == proved_last
end

local function check(cell)
  local kind = cell.kind
  if kind == 'L' then
    local filled = after(max(cell.empty, now), cell.cost)
    local wait = filled - after(now, cell.capacity)
    if wait > 0 then return 1, wait, 0 end
  elseif kind == 'D' then
    local due = cell.failures > 0 and after(cell.last, wait_after(cell)) or 0
    if cell.count >= cell.limit then
      due = max(due, after(attempt(cell, cell.count - cell.limit + 1), DAY))
    end
    if due > now then return 1, due - now, 0 end
  elseif kind == 'B' and cell.failures >= cell.limit then
    return 3, 0, 0
  elseif kind == 'C' and cell.failures >= cell.limit and not is_proved(cell) then
    return 2, cell.failures, last_failure(cell)
  end
  return 0, 0, 0
end

local function count(cell)
  local kind = cell.kind
  if kind == 'L' then
    cell.empty = after(max(cell.empty, now), cell.cost)
    return
  end
  if kind == 'N' then return end
  -- The clocks of two callers may differ a little: the last failure of a row is the latest. Under a
  -- captcha each moves it, so that what was proved before a try is not proved after it.
  local least = after(cell.last, kind == 'C' and 1 or 0)
  cell.last = cell.failures == 0 and now or max(least, now)
  cell.failures = min(cell.failures + 1, 4294967295)
  if kind ~= 'D' then return end
  local place = cell.count
  while place > 0 and attempt(cell, place) > now do
    place = place - 1
  end
  cell.attempts = sub(cell.attempts, 1, place * 7)
    .. write('>I7', now)
    .. sub(cell.attempts, place * 7 + 1)
  cell.count = cell.count + 1
end

local cells = read_all(3)
if not cells then return redis.error_reply('REMPART damaged counter') end
local answer, admitted = {}, true
for place = 1, #cells do
  local cell = cells[place]
  settle(cell)
  local decision, number, moment = check(cell)
  answer[place * 3 - 2], answer[place * 3 - 1], answer[place * 3] = decision, number, moment
  admitted = admitted and decision == 0
end
for place = 1, #cells do
  local cell = cells[place]
  if admitted then count(cell) end
  if admitted or cell.moved then keep(KEYS[place], cell) end
end
return answer
