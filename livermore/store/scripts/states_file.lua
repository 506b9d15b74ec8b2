-- Puts a change of state on the lists of targets, and is done with its entry in the outbox: both or neither, once.
-- KEYS: outbox, then for each target: its list.
-- ARGV: group, id of the entry, change as JSON, how many are kept, how long a list outlives its newest (ms).
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then
  return 0
end
for i = 2, #KEYS do
  redis.call('RPUSH', KEYS[i], ARGV[3])
  redis.call('LTRIM', KEYS[i], -ARGV[4], -1)
  redis.call('PEXPIRE', KEYS[i], ARGV[5])
end
return 1
