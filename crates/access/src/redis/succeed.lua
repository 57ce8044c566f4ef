-- KEYS: the counters. ARGV: the moment at which the attempt was admitted, one rule for each
-- counter. Takes back the failure of that attempt.
local cells = read_all(2)
if not cells then return redis.error_reply('REMPART damaged counter') end
for place, cell in ipairs(cells) do
  local rule, record = cell.rule, cell.record
  if rule.kind == 'L' then
    local rest = record.empty - rule.cost
    record.empty = rest > now and rest or 0
  else
    record.failures = 0
    for at = count_of(record), 1, -1 do
      if attempt(record, at) == now then
        record.attempts = sub(record.attempts, 1, at * 7 - 7)
          .. sub(record.attempts, at * 7 + 1)
        break
      end
    end
  end
  keep(KEYS[place], record, rule)
end
return 1
