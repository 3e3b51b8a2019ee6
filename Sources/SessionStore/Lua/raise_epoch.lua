#!lua flags=allow-oom
-- raise_epoch: sets the epoch to at least a value; a Redis that took over may have lost the last increments.
-- KEYS  epoch sweep
-- ARGV  epoch
-- Returns  the epoch that now holds
-- Cost  O(1)

local present = tonumber(redis.call('GET', KEYS[1]) or '0')
local wanted = tonumber(ARGV[1])
if wanted > present then
    redis.call('SET', KEYS[1], ARGV[1])
    redis.call('HSET', KEYS[2], 'epoch', ARGV[1], 'actor', '', 'reason', 'applied again after a change of server',
        'from', '')
    return wanted
end
return present
