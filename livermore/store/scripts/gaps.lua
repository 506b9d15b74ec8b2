-- fenced
-- Writes down gaps that came to light, and what became of others.
-- KEYS: lease, fence, events, ledger, doubts.
-- ARGV: token, epoch, length of the event stream, gaps kept in the ledger, number of gaps, then for each:
--   series, first and last open time, cause and whether it was traded in, JSON up to the verdict (empty: no hole, and
--   only to be asked about), verdict.
-- Returns how many of them are news.
local length, kept, news = ARGV[3], tonumber(ARGV[4]), 0

local function tell(series, first, stem, verdict)
  news = news + 1
  if stem == '' then
    return
  end
  if verdict ~= 'open' then
    redis.call('ZREM', KEYS[4], stem .. 'open"}')
  end
  local member = stem .. verdict .. '"}'
  redis.call('ZADD', KEYS[4], first, member)
  redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -(kept + 1))
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', length, '*', 'kind', 'gap', 'series', series, 'data', member)
end

for i = 6, 5 + 6 * tonumber(ARGV[5]), 6 do
  local series, first, last, doubt, stem, verdict = unpack(ARGV, i, i + 5)
  local field = series .. '|' .. first .. '|' .. last
  local held = redis.call('HGET', KEYS[5], field)
  if verdict == 'open' then
    if not held then
      redis.call('HSET', KEYS[5], field, doubt)
      tell(series, first, stem, verdict)
    end
  elseif held == doubt or (not held and stem ~= '' and not redis.call('ZSCORE', KEYS[4], stem .. verdict .. '"}')) then
    redis.call('HDEL', KEYS[5], field)
    tell(series, first, stem, verdict)
  end
end
return news
