-- fenced
-- Forgets series: their keys, and how far they are known, so that all of it is asked of the exchange again.
-- KEYS: lease, fence, cursors, rewrites, then the keys that go. ARGV: token, epoch, then the series.
-- Whoever has computed something of them knows by the number of rewrites that their past is another.
local gone = 0
for i = 5, #KEYS do
  gone = gone + redis.call('DEL', KEYS[i])
end
for i = 3, #ARGV do
  redis.call('HDEL', KEYS[3], ARGV[i])
  redis.call('HINCRBY', KEYS[4], ARGV[i], 1)
end
return gone
