#!lua flags=allow-oom
-- lease: takes, renews or gives up a lease that one node at a time holds.
-- KEYS  leases
-- ARGV  name owner length
--   length: ms from now; 0 gives it up.
-- Returns  1 when the owner holds it now, else 0
-- Cost  O(1). allow-oom: the log, which gives memory back, is written under a lease, and webhooks are sent. It
--       saves work and decides nothing: what its holder does is guarded by itself.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local length = tonumber(ARGV[3])
local owner, deadline = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%S+) (%d+)$')
-- A holder whose lease ends later than anybody asks for has had another clock.
local isFree = not owner or tonumber(deadline) <= now or tonumber(deadline) > now + 600000
if owner ~= ARGV[2] and not isFree then return 0 end
if length == 0 then
    if owner == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
    return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', now + length))
return 1
