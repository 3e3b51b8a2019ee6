#!lua flags=allow-oom
-- webhook_lease: takes, keeps or gives up the right to deliver webhooks, which one node has at a time.
-- KEYS  webhook-lease
-- ARGV  node length
--   length: ms; 0 gives it up.
-- Returns  1 when the node has it (or had it and gave it up), 0 when another one has
-- Cost  O(1)

local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
if tonumber(ARGV[2]) > 0 then
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
else
    redis.call('DEL', KEYS[1])
end
return 1
