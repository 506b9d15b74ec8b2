-- fenced
-- Forgets dead letters. KEYS: lease, fence, dead letters. ARGV: token, epoch, then each as it stands there.
-- Returns how many went: who was put back meanwhile is no longer there.
local gone = 0
for i = 3, #ARGV do
  gone = gone + redis.call('LREM', KEYS[3], -1, ARGV[i])
end
return gone
