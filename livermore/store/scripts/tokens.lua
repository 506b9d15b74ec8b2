-- Takes tokens from the bucket of a REST service, if nobody is banned.
-- KEYS: bucket, the rate that the service itself told. ARGV: now (ms, on a clock that all who share the bucket have), tokens per second, most tokens, tokens to take, ms to pause from now on (0: take them).
-- Returns how many ms to wait; 0 means that they were taken. A pause is what the service itself asked for.
local now, rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local cost, pause = tonumber(ARGV[4]), tonumber(ARGV[5])
local told = tonumber(redis.call('GET', KEYS[2]) or rate)
if told < rate then
  rate = told
  burst = math.max(1, cost, told)
end
local set_back = 5000 -- no request is under way for so long: whoever is that far behind has another clock than the one before
local life = math.max(60000, math.ceil(burst / rate * 1000)) -- by then it is full again
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'until')
local tokens, at, banned = tonumber(held[1] or burst), tonumber(held[2] or now), tonumber(held[3] or '0')
if pause > 0 then
  banned = math.max(banned, now + pause)
  redis.call('HSET', KEYS[1], 'until', banned)
  redis.call('PEXPIRE', KEYS[1], math.max(life, math.ceil(banned - now) + 1000))
  return pause
end
if banned > now then
  return math.ceil(banned - now)
end
if at > now + set_back then
  at = now
end
tokens = math.min(burst, tokens + math.max(0, now - at) * rate / 1000)
local wait = 0
if tokens >= cost then
  tokens = tokens - cost
else
  wait = math.ceil((cost - tokens) * 1000 / rate)
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(math.max(at, now)))
redis.call('PEXPIRE', KEYS[1], life)
return wait
