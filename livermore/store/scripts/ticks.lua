-- fenced
-- Stores tickers and tells whoever listens; what is published may be lost.
-- KEYS: lease, fence, then one key per ticker.
-- ARGV: token, epoch, time to live (ms), channel, message to publish, then one JSON per ticker.
for i = 3, #KEYS do
  redis.call('SET', KEYS[i], ARGV[3 + i], 'PX', ARGV[3])
end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
