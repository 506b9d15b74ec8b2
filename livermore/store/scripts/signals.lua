-- fenced
-- Stores indicator records and appends them to the event stream; the full record goes in a second field, never relayed.
-- KEYS: lease, fence, events, then for each record: its key, the key of its trail.
-- ARGV: token, epoch, length of the event stream, time to live of a record (ms), values kept per trail,
--   then for each record: series, full JSON, public JSON (empty: no event is made of it),
--     number of trail values, then for each: open time, JSON.
local length, ttl, keep = ARGV[3], ARGV[4], tonumber(ARGV[5])
local at, key = 6, 4

local function take()
  at = at + 1
  return ARGV[at - 1]
end

while key < #KEYS do
  local series, full, public = take(), take(), take()
  redis.call('SET', KEYS[key], full, 'PX', ttl)
  for _ = 1, tonumber(take()) do
    local open, value = take(), take()
    redis.call('ZREMRANGEBYSCORE', KEYS[key + 1], open, open)
    redis.call('ZADD', KEYS[key + 1], open, value)
  end
  redis.call('ZREMRANGEBYRANK', KEYS[key + 1], 0, -(keep + 1))
  if public ~= '' then
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', length, '*',
      'kind', 'trade_signal', 'series', series, 'data', public, 'full', full, 'epoch', ARGV[2])
  end
  key = key + 2
end
return 1
