-- Keeps the lease and the status alive. KEYS: lease, fence, status. ARGV: token, epoch, time to live (ms), status JSON.
-- Returns 'kept', 'missing' where the lease is gone (another script may install it again), or the token of its new owner.
local held = redis.call('GET', KEYS[1])
if not held then
  return 'missing'
end
if held ~= ARGV[1] then
  return held
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[3])
return 'kept'
