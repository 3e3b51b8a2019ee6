#!lua flags=no-writes
-- log_read: the events of a stream after a position, and how many there ever were and still are.
-- KEYS  ev
-- ARGV  position count
--   position: of the event read last, '0-0' for none. count: at most so many events.
-- Returns  {added, length, events}: added - length events have been let go of
-- Cost  O(count)

if redis.call('EXISTS', KEYS[1]) == 0 then return { 0, 0, {} } end
local added, length = 0, 0
local information = redis.call('XINFO', 'STREAM', KEYS[1])
for index = 1, #information, 2 do
    if information[index] == 'entries-added' then added = information[index + 1] end
    if information[index] == 'length' then length = information[index + 1] end
end
return { added, length, redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2]) }
