#!lua flags=allow-oom
-- webhook_advance: notes how far a receiver of webhooks has got, if nobody else did meanwhile.
-- KEYS  webhooks
-- ARGV  receiver expected position status
--   expected: the position that was read; '' when there was none. status: JSON.
-- Returns  {'ok'}  {'conflict', present position}: nothing was written
-- Cost  O(1). Kept as "position status".

local present = redis.call('HGET', KEYS[1], ARGV[1])
local position = present and string.match(present, '^%S+') or ''
if position ~= ARGV[2] then return { 'conflict', position } end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. ' ' .. ARGV[4])
return { 'ok' }
