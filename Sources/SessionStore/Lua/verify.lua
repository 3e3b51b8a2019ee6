#!lua
-- verify: looks for drift between the live records and the indexes of a partition, and repairs it.
-- KEYS  all due ev end
-- ARGV  index offset batch retention maxlen
--   index: 'all' or 'due', which to walk. offset: '0', or what the last call returned. batch: <= 500.
--   retention: ms.
-- Returns  {next offset, or -1 at the end, examined, finalized, added}
--   finalized: index entries without a live record. added: index entries that a live record lacked.
-- Cost  O(batch log n). The user's index of every live session met is looked through as well, at most 100 of it.
--       A live record that stands in no index at all is not found; it ends with its TTL. Derives keys from `all`.
--@include event
--@include ending
--@include record

local base = string.sub(KEYS[1], 1, -4)
local index = ARGV[1] == 'due' and KEYS[2] or KEYS[1]
local offset, batch = tonumber(ARGV[2]), tonumber(ARGV[3])
local order = { retention = tonumber(ARGV[4]), maxlen = ARGV[5] }
local now = milliseconds()
local finalized, added, survivors = 0, 0, 0

local function ensure(key, score, sid)
    added = added + redis.call('ZADD', key, 'NX', score, sid)
end

local seen = {}
local members = redis.call('ZRANGE', index, offset, offset + batch - 1)
for _, sid in ipairs(members) do
    local record = redis.call('GET', base .. 's:' .. sid)
    local parts = record and parse_record(record)
    if parts then
        survivors = survivors + 1
        local created = struct.unpack('>I8', parts.body)
        ensure(KEYS[1], created, sid)
        ensure(KEYS[2], now + math.max(0, redis.call('PTTL', base .. 's:' .. sid)), sid)
        local key = details_of(base, sid)
        if key then
            if redis.call('ZADD', base .. 'u:' .. key, 'NX', created, sid) == 1 then
                added = added + 1
                local count = redis.call('ZCARD', base .. 'u:' .. key)
                if count == 1 or count == 6 then
                    redis.pcall('HINCRBY', base .. 'n', count == 1 and 'users' or 'crowded', 1)
                end
            end
            if not seen[key] then
                seen[key] = true
                for _, other in ipairs(redis.call('ZRANGE', base .. 'u:' .. key, 0, 99)) do
                    if redis.call('EXISTS', base .. 's:' .. other) == 0 then
                        -- An entry that stands in another index too is met there; its history is written then.
                        if not (redis.call('ZSCORE', KEYS[1], other) or redis.call('ZSCORE', KEYS[2], other)) then
                            leave(base, base .. 'u:' .. key, other)
                            finalized = finalized + 1
                        end
                    end
                end
            end
        end
    else
        if record then kill(base, sid) end
        bury_expired(base, sid, order, now)
        finalized = finalized + 1
    end
end
return { #members < batch and -1 or offset + survivors, #members, finalized, added }
