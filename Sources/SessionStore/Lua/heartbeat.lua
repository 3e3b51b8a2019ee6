#!lua flags=allow-oom
-- heartbeat: writes a node's lease and sends the node a ping over its subscription.
-- KEYS  nodes epoch
-- ARGV  node lease info channel sequence
--   lease: ms. info: JSON about the node. channel: the node's own.
-- Returns  {now, epoch, receivers of the ping}
-- Cost  O(nodes). Entries that ran out over 60 s ago are dropped.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + tonumber(ARGV[2])) .. ' ' .. ARGV[3])
local epoch = redis.call('GET', KEYS[2]) or '0'
local receivers = redis.call('PUBLISH', ARGV[4], 'P ' .. ARGV[5] .. ' ' .. epoch)
local entries = redis.call('HGETALL', KEYS[1])
for index = 1, #entries, 2 do
    local untilTime = tonumber(string.match(entries[index + 1], '^%d+'))
    if not untilTime or untilTime < now - 60000 then redis.call('HDEL', KEYS[1], entries[index]) end
end
return { now, tonumber(epoch), receivers }
