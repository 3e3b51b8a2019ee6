#!lua flags=allow-oom
-- janitor: finalizes sessions that ran out and lets go of history that is older than the retention.
-- KEYS  all due ev end
-- ARGV  batch retention maxlen
--   batch: at most 1,000. retention: ms.
-- Returns  {finalized, rescored, forgotten, more (0 or 1)}
-- Cost  O(batch log n): only what is due is looked at. What was touched is due again later. Derives keys from
--       `all`.
--@include event
--@include ending

local base = string.sub(KEYS[1], 1, -4)
local batch = tonumber(ARGV[1])
local order = { retention = tonumber(ARGV[2]), maxlen = ARGV[3] }
local now = milliseconds()

local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, batch)
local finalized, rescored = 0, 0
for _, sid in ipairs(due) do
    local left = redis.call('PTTL', base .. 's:' .. sid)
    if left == -2 then
        bury_expired(base, sid, order, now)
        finalized = finalized + 1
    else
        -- A key without a TTL (-1) is none of ours; it must not keep the janitor from the others.
        redis.call('ZADD', KEYS[2], 'XX', now + (left >= 0 and left + 1 or 60000), sid)
        rescored = rescored + 1
    end
end

local old = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now - order.retention, 'LIMIT', 0, batch)
for _, sid in ipairs(old) do
    redis.call('DEL', base .. 'm:' .. sid, base .. 'a:' .. sid)
    redis.call('ZREM', KEYS[4], sid)
end
return { finalized, rescored, #old, (#due == batch or #old == batch) and 1 or 0 }
