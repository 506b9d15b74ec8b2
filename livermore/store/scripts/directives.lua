-- Puts pairs of a name and a value into a hash, where no such name is there yet. KEYS: the hash. ARGV: the pairs.
for i = 1, #ARGV, 2 do
  redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1])
end
return 1
