-- Every write of the pipeline begins so: KEYS[1] lease, KEYS[2] fence; ARGV[1] the writer's token, ARGV[2] its epoch.
if redis.call('GET', KEYS[1]) ~= ARGV[1] or tonumber(redis.call('GET', KEYS[2]) or '0') > tonumber(ARGV[2]) then
  return redis.error_reply('FENCED this writer does not hold the lease')
end
