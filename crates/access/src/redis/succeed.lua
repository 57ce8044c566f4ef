-- KEYS: the counters. ARGV: the moment at which the attempt was admitted, what is taken back, one
-- rule for each counter. Takes back the failure of that attempt: with 0 and the failures in a row,
-- with 1 alone, with 2 but for its place in the day.
local row, unproven = ARGV[2] == '0', ARGV[2] == '2'
local cells = read_all(3)
if not cells then return redis.error_reply('REMPART damaged counter') end
for place = 1, #cells do
  local cell = cells[place]
  if cell.kind == 'L' then
    local rest = cell.empty - cell.cost
    cell.empty = rest > now and rest or 0
  else
    cell.failures = row and 0 or max(cell.failures - 1, 0)
    for at = unproven and 0 or cell.count, 1, -1 do
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
