-- Takes a command: for the holder of the lease, or for whoever comes first where there is none.
-- KEYS: lease, place of the command. ARGV: token of the lease that the taker holds ('' for none), name of the taker,
--   time to live (ms). Returns 'taken', 'elsewhere', or the response (JSON) that was given to it before.
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then
  return 'elsewhere'
end
if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then
  return 'taken'
end
local found = redis.call('GET', KEYS[2])
return string.sub(found, 1, 1) == '{' and found or 'elsewhere'
