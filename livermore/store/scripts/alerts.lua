-- fenced
-- Moves the evaluator's place in the event stream together with its memory and with the alerts it found on the way.
-- KEYS: lease, fence, events, outbox, state.
-- ARGV: token, epoch, length of the event stream, place it started from ('' at the very first), place it has reached,
--   number of memories, then for each: series, JSON; number of alerts, then for each: series, full JSON, public JSON.
-- Returns 1, or 0 where the place has been moved already: then nothing is done.
if (redis.call('HGET', KEYS[5], 'place') or '') ~= ARGV[4] then
  return 0
end
local at = 6

local function take()
  at = at + 1
  return ARGV[at - 1]
end

redis.call('HSET', KEYS[5], 'place', ARGV[5])
for _ = 1, tonumber(take()) do
  local series, memory = take(), take()
  redis.call('HSET', KEYS[5], series, memory)
end
for _ = 1, tonumber(take()) do
  local series, full, public = take(), take(), take()
  redis.call('XADD', KEYS[4], '*', 'kind', 'alert', 'data', full)
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], '*', 'kind', 'alert', 'series', series, 'data', public, 'full', full,
    'epoch', ARGV[2])
end
return 1
