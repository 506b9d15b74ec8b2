-- Puts a dead letter back. KEYS: dead letters, schedule, letters.
-- ARGV: the dead letter as it stands there, id of the alert, letter as JSON, now (wall ms).
-- Returns 0 where somebody else has done so.
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[2])
return 1
