-- fenced
-- Removes entries of a stream that were written before a moment, whole nodes of it only.
-- KEYS: lease, fence, stream. ARGV: token, epoch, moment (ms), how many entries at most.
return redis.call('XTRIM', KEYS[3], 'MINID', '~', ARGV[3], 'LIMIT', ARGV[4])
