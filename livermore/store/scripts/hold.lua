-- Takes or keeps something that one process has at a time.
-- KEYS: the thing. ARGV: name of the process, time to live (ms), name of one that is gone ('' for none).
-- Returns the name of the process that has it now.
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] and held ~= ARGV[3] then
  return held
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
