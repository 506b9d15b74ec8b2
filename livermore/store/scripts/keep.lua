-- Keeps the lease and the status alive. KEYS: lease, status. ARGV: token, time to live (ms), status JSON.
-- Returns 'kept', 'missing' where the lease is gone, or the token of its new owner.
local held = redis.call('GET', KEYS[1])
if not held then
  return 'missing'
end
if held ~= ARGV[1] then
  return held
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[2])
return 'kept'
