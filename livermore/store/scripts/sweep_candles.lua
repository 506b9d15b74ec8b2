-- fenced
-- Removes the oldest candles of series that have more than are kept.
-- KEYS: lease, fence, then one sorted set per series. ARGV: token, epoch, candles kept, how many go at most, of all.
-- Returns how many went.
local kept, most, gone = tonumber(ARGV[3]), tonumber(ARGV[4]), 0
for i = 3, #KEYS do
  local over = math.min(redis.call('ZCARD', KEYS[i]) - kept, most - gone)
  if over > 0 then
    gone = gone + redis.call('ZREMRANGEBYRANK', KEYS[i], 0, over - 1)
  end
end
return gone
