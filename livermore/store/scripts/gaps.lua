-- fenced
-- Writes down gaps that came to light, and what became of others.
-- KEYS: lease, fence, events, ledger, doubts, then the ledger of each series.
-- ARGV: token, epoch, length of the event stream, gaps kept in the ledger and in that of a series, number of gaps, then
--   for each: index of its series' ledger, series, first open time, the doubt's name, whether it was traded in, JSON up
--   to the verdict (empty: no hole, and only to be asked about), verdict.
-- Returns how many of them are news.
local length, kept, kept_of_series, news = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), 0

local function replace(key, first, stem, verdict, most)
  if verdict ~= 'open' then
    redis.call('ZREM', key, stem .. 'open"}')
  end
  redis.call('ZADD', key, first, stem .. verdict .. '"}')
  redis.call('ZREMRANGEBYRANK', key, 0, -(most + 1))
end

local function tell(place, series, first, stem, verdict)
  news = news + 1
  if stem == '' then
    return
  end
  replace(KEYS[4], first, stem, verdict, kept)
  replace(KEYS[5 + place], first, stem, verdict, kept_of_series)
  local data = stem .. verdict .. '"}'
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', length, '*', 'kind', 'gap', 'series', series, 'data', data, 'epoch', ARGV[2])
end

for i = 7, 6 + 7 * tonumber(ARGV[6]), 7 do
  local place, series, first, doubt, traded, stem, verdict = unpack(ARGV, i, i + 6)
  local held = redis.call('HEXISTS', KEYS[5], doubt) == 1
  if verdict == 'open' then
    if not held then
      redis.call('HSET', KEYS[5], doubt, traded)
      tell(tonumber(place), series, first, stem, verdict)
    end
  elseif held or (stem ~= '' and not redis.call('ZSCORE', KEYS[4], stem .. verdict .. '"}')) then
    redis.call('HDEL', KEYS[5], doubt)
    tell(tonumber(place), series, first, stem, verdict)
  end
end
return news
