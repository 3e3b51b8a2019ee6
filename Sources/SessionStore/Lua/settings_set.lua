#!lua
-- settings_set: replaces the settings of all nodes, if nobody else did meanwhile.
-- KEYS  settings ev
-- ARGV  expected document actor maxlen channel origin from
--   expected: the version that was read; 0 when there were none. document: JSON, all that is set.
-- Returns  {'ok', stored}  {'conflict', present version}: nothing was written
-- Cost  O(1). Stored and published as version:time:document, time in ms.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local present = tonumber(string.match(redis.call('GET', KEYS[1]) or '', '^(%d+):')) or 0
if tonumber(ARGV[1]) ~= present then return { 'conflict', present } end
local stored = string.format('%.0f:%.0f:', present + 1, now) .. ARGV[2]
redis.call('SET', KEYS[1], stored)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*',
    'type', 'settings-changed', 'sid', '', 'user', '', 'actor', ARGV[3], 'reason', ARGV[2], 'org', '',
    'from', ARGV[7])
redis.call('PUBLISH', ARGV[5], 'S ' .. ARGV[6] .. ' ' .. stored)
return { 'ok', stored }
