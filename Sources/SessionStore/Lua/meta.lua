#!lua
-- meta: states the layout at the first start and compares it at every other one.
-- KEYS  meta
-- ARGV  layout partitions
-- Returns  {layout, partitions} as they stand in this Redis
-- Cost  O(1)

if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('HSET', KEYS[1], 'layout', ARGV[1], 'partitions', ARGV[2], 'created', redis.call('TIME')[1])
end
return redis.call('HMGET', KEYS[1], 'layout', 'partitions')
