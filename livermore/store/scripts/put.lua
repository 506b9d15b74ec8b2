-- fenced
-- Sets one key. KEYS: lease, fence, key. ARGV: token, epoch, value.
redis.call('SET', KEYS[3], ARGV[3])
return 1
