-- A notice is to be tried again. KEYS: schedule, letters. ARGV: id of the alert, letter as JSON, when (wall ms).
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
