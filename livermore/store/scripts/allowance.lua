-- Takes a block of requests out of what a key may ask in a minute, for one process to give out one by one.
-- KEYS: the key's bucket. ARGV: now (wall ms), most tokens, the block, ms in which an empty bucket becomes full.
-- Returns how many were taken, and how many are left, as text with decimals.
local now, size, block, fills = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(held[1] or size), tonumber(held[2] or now)
if at > now + fills then
  at = now -- the clock was set back: the bucket would have been forgotten and full by then
end
tokens = math.min(size, tokens + math.max(0, now - at) * size / fills)
local taken = math.min(block, math.floor(tokens + 0.000001)) -- decimals that were rounded on their way
tokens = math.max(0, tokens - taken)
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(math.max(at, now)))
redis.call('PEXPIRE', KEYS[1], fills)
return {taken, tostring(tokens)}
