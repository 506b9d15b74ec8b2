-- fenced
-- Stores a batch of closed candles, appends what is news to the event stream, and moves the cursors.
-- KEYS: lease, fence, events, cursors, rewrites, then one sorted set per series.
-- ARGV: token, epoch, length of the event stream, candles kept per series,
--   number of windows that were read before, then for each: index of its set, first and last open time, how many candles
--     it had, sum of their revisions: where one has changed meanwhile, nothing is done,
--   whether REST says it (1 or 0): what REST has confirmed is changed by REST only,
--   number of candles, then for each: index of its set, series, open time, JSON up to the revision, news (1 or 0),
--   number of cursors, then for each: series, length of a bucket, first and last open time, by REST (1 or 0), anew (1 or 0).
-- Whatever was computed from a series' candles knows by the number of rewrites whether its past has changed since.
-- Returns for each candle: 0 nothing changed, 1 it is new, n it is a correction with revision n - 1; nil if nothing is done.
local length, history = ARGV[3], tonumber(ARGV[4])
local at = 5

local function take()
  at = at + 1
  return ARGV[at - 1]
end

local function revision_of(member)
  return tonumber(string.match(member, '"revision":(%d+)}$')) or 0
end

local function unchanged(key, first, last, count, revisions)
  local members = redis.call('ZRANGEBYSCORE', key, first, last)
  for _, member in ipairs(members) do
    revisions = revisions - revision_of(member)
  end
  return #members == count and revisions == 0
end

local function confirmed(series, open)
  local held = redis.call('HGET', KEYS[4], series)
  local since, through = string.match(held or '', '^(%-?%d+):%-?%d+:(%-?%d+)$')
  return since and tonumber(since) <= tonumber(open) and tonumber(open) <= tonumber(through)
end

local function store(key, series, open, stem, news)
  local found = redis.call('ZRANGEBYSCORE', key, open, open)
  if #found == 1 and string.sub(found[1], 1, #stem) == stem then
    return 0
  end
  local revision = 0
  if #found > 0 then
    revision = revision_of(found[1]) + 1
    redis.call('ZREMRANGEBYSCORE', key, open, open)
  end
  if #found > 0 or redis.call('ZCOUNT', key, open, '+inf') > 0 then
    redis.call('HINCRBY', KEYS[5], series, 1)
  end
  local member = stem .. ',"revision":' .. revision .. '}'
  redis.call('ZADD', key, open, member)
  redis.call('ZREMRANGEBYRANK', key, 0, -(history + 1))
  if revision > 0 or news == '1' then
    local kind = revision > 0 and 'candle_corrected' or 'candle_close'
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', length, '*', 'kind', kind, 'series', series, 'data', member, 'epoch', ARGV[2])
  end
  return revision + 1
end

local function move(series, step, first, last, rest, anew)
  local held = redis.call('HGET', KEYS[4], series)
  if not held and not rest then
    return -- only REST begins a series: what was traded before is unknown to the wire
  end
  local since, through, confirmed
  if held and not anew then
    since, through, confirmed = string.match(held, '(%-?%d+):(%-?%d+):(%-?%d+)')
    since, through, confirmed = tonumber(since), tonumber(through), tonumber(confirmed)
    if first <= through + step and last > through then through = last end
    if rest and first < since and last + step >= since then since = first end
    if rest and first <= confirmed + step and last > confirmed then confirmed = last end
  else
    since, through, confirmed = first, last, last
  end
  redis.call('HSET', KEYS[4], series, string.format('%d:%d:%d', since, through, confirmed))
end

for _ = 1, tonumber(take()) do
  local key, first, last = KEYS[5 + tonumber(take())], take(), take()
  if not unchanged(key, first, last, tonumber(take()), tonumber(take())) then
    return false
  end
end
local by_rest, results = take() == '1', {}
for i = 1, tonumber(take()) do
  local key, series, open, stem, news = KEYS[5 + tonumber(take())], take(), take(), take(), take()
  results[i] = (by_rest or not confirmed(series, open)) and store(key, series, open, stem, news) or 0
end
for _ = 1, tonumber(take()) do
  local series, step, first, last = take(), tonumber(take()), tonumber(take()), tonumber(take())
  local rest, anew = take() == '1', take() == '1'
  move(series, step, first, last, rest, anew)
end
return results
