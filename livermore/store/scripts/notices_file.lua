-- Files a notice for every target, and is done with its entry in the outbox: both or neither.
-- KEYS: outbox, then for each target: its schedule, its letters.
-- ARGV: group, id of the entry, id of the alert, letter as JSON, now (wall ms).
for i = 2, #KEYS, 2 do
  if redis.call('HSETNX', KEYS[i + 1], ARGV[3], ARGV[4]) == 1 then
    redis.call('ZADD', KEYS[i], ARGV[5], ARGV[3])
  end
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return 1
