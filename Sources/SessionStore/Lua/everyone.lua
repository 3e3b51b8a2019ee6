#!lua flags=allow-oom
-- everyone: raises the epoch, so that every session there is has ended.
-- KEYS  epoch ev sweep
-- ARGV  actor reason maxlen channel origin from
-- Returns  {epoch, now}
-- Cost  O(1). The records are deleted later, by sweep; until that is done, `sweep` says so.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local epoch = redis.call('INCR', KEYS[1])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*',
    'type', 'everyone-revoked', 'sid', '', 'user', '', 'actor', ARGV[1], 'reason', ARGV[2], 'org', '',
    'from', ARGV[6])
redis.call('HSET', KEYS[3], 'epoch', string.format('%.0f', epoch), 'actor', ARGV[1], 'reason', ARGV[2],
    'from', ARGV[6])
redis.call('PUBLISH', ARGV[4], 'A ' .. ARGV[5] .. ' ' .. string.format('%.0f', epoch))
return { epoch, now }
