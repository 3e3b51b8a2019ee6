#!lua
-- counts_set: mends the counters of a partition, if nothing has changed since they were compared.
-- KEYS  ev n
-- ARGV  event users crowded new_users new_crowded
--   event, users, crowded: as `counts` gave them. new_users, new_crowded: what is right.
-- Returns  1, or 0 when something has changed: nothing was written
-- Cost  O(1)

local event = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local counters = redis.call('HMGET', KEYS[2], 'users', 'crowded')
if (event and event[1] or '') ~= ARGV[1] or (counters[1] or '0') ~= ARGV[2] or (counters[2] or '0') ~= ARGV[3] then
    return 0
end
redis.call('HSET', KEYS[2], 'users', ARGV[4], 'crowded', ARGV[5])
return 1
