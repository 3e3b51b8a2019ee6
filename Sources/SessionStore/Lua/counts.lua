#!lua flags=no-writes
-- counts: counts the users of a stretch of a partition's sessions, to be compared with the counters.
-- KEYS  all ev n
-- ARGV  offset batch
--   offset: how many sessions to pass over. batch: how many to look at, <= 500.
-- Returns  {last event, users counter, crowded counter, sessions in the partition, users, crowded}
-- Cost  O(batch log n). Users are counted at the first session of their index, crowded ones if they have over 5.
--       Every session that comes or goes writes an event: stretches with the same last event are of one moment.
--       Derives keys from `all`.

local base = string.sub(KEYS[1], 1, -4)
local offset, batch = tonumber(ARGV[1]), tonumber(ARGV[2])
local users, crowded = 0, 0
for _, sid in ipairs(redis.call('ZRANGE', KEYS[1], offset, offset + batch - 1)) do
    local key = string.match(redis.call('GETRANGE', base .. 'm:' .. sid, 0, 31), '^%["([%w_-]+)"')
    if key and redis.call('ZRANGE', base .. 'u:' .. key, 0, 0)[1] == sid then
        users = users + 1
        if redis.call('ZCARD', base .. 'u:' .. key) > 5 then crowded = crowded + 1 end
    end
end
local event = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local counters = redis.call('HMGET', KEYS[3], 'users', 'crowded')
return {
    event and event[1] or '', tonumber(counters[1] or '0'), tonumber(counters[2] or '0'),
    redis.call('ZCARD', KEYS[1]), users, crowded,
}
