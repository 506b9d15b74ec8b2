-- A notice has come to its end at one target: the recorder is told, and a dead letter is kept.
-- KEYS: schedule, letters, outbox, dead letters.
-- ARGV: id of the alert, JSON for the recorder, dead letter as JSON ('' for none), how many of them are kept.
-- Returns 0 where it has come to its end before: then nothing is done.
redis.call('ZREM', KEYS[1], ARGV[1])
if redis.call('HDEL', KEYS[2], ARGV[1]) == 0 then
  return 0
end
redis.call('XADD', KEYS[3], '*', 'kind', 'delivered', 'data', ARGV[2])
if ARGV[3] ~= '' then
  redis.call('LPUSH', KEYS[4], ARGV[3])
  redis.call('LTRIM', KEYS[4], 0, ARGV[4] - 1)
end
return 1
