-- Takes the lease, if it is free or held by the one who is to be replaced.
-- KEYS: lease, fence. ARGV: token, epoch, time to live (ms), token of the one to replace ('' for none).
-- Returns '' on success, else the token that stands in the way; an epoch that is not the newest is refused.
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[4] and held ~= ARGV[1] then
  return held
end
if tonumber(redis.call('GET', KEYS[2]) or '0') > tonumber(ARGV[2]) then
  return redis.error_reply('FENCED a newer epoch has held the lease')
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
redis.call('SET', KEYS[2], ARGV[2])
return ''
