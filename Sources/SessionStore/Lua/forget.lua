#!lua flags=allow-oom
-- forget: takes sessions of which nothing is known out of a user's index.
-- KEYS  u all
-- ARGV  sid...
--   At most 1,000 sids.
-- Returns  how many were there no more
-- Cost  O(k log n) for k sids. Derives keys from `all`.
--@include event
--@include ending

local base = string.sub(KEYS[2], 1, -4)
local gone = 0
for _, sid in ipairs(ARGV) do
    -- It may have come about since somebody looked.
    if redis.call('EXISTS', base .. 's:' .. sid, base .. 'm:' .. sid) == 0 then
        leave(base, KEYS[1], sid)
        gone = gone + 1
    end
end
return gone
