-- KEYS: the counters. ARGV: the moment at which the attempt was admitted, whether one failure
-- is taken back alone (0 or 1), one rule for each counter. Takes back the failure of that
-- attempt, and with 0 the failures in a row.
local one = ARGV[2] == '1'
local cells = read_all(3)
if not cells then return redis.error_reply('REMPART damaged counter') end
for place = 1, #cells do
  local cell = cells[place]
  if cell.kind == 'L' then
    local rest = cell.empty - cell.cost
    cell.empty = rest > now and rest or 0
  else
    cell.failures = one and max(cell.failures - 1, 0) or 0
    for at = cell.count, 1, -1 do
      if attempt(cell, at) == now then
        cell.attempts = sub(cell.attempts, 1, at * 7 - 7) .. sub(cell.attempts, at * 7 + 1)
        cell.count = cell.count - 1
        break
      end
    end
  end
  keep(KEYS[place], cell)
end
return 1
