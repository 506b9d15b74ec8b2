-- Forgets what every group of a stream has acknowledged. KEYS: stream. Returns how many entries went.
local function parts(id)
  local ms, seq = string.match(id, '(%d+)-(%d+)')
  return tonumber(ms), tonumber(seq)
end

local function older(a, b)
  local a_ms, a_seq = parts(a)
  local b_ms, b_seq = parts(b)
  return a_ms < b_ms or (a_ms == b_ms and a_seq < b_seq)
end

local bound
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local facts = {}
  for i = 1, #group, 2 do
    facts[group[i]] = group[i + 1]
  end
  local pending = redis.call('XPENDING', KEYS[1], facts['name'])
  local needed = pending[1] > 0 and pending[2] or facts['last-delivered-id']
  if not bound or older(needed, bound) then
    bound = needed
  end
end
return bound and redis.call('XTRIM', KEYS[1], 'MINID', bound) or 0
