#!lua flags=allow-oom
-- end_sessions: ends sessions of one partition, or finalizes those that ran out.
-- KEYS  all due ev end
-- ARGV  partition mode kind actor reason retention maxlen channel origin only from sid...
--   mode: 'end', or 'expire' to leave live ones alone. retention: ms.
--   only: '' for any session; else 'u' and a user key, or 'o' and an organization: others are left alone.
--   from: the caller's address. At most 1,000 sids.
-- Returns  an integer for each sid: 1 was live, 0 was gone, -1 is another's or unknown (with only)
-- Cost  O(k log n) for k sids. Deletes, publishes, and only then keeps books. Publishes every id but foreign ones and
--       those that 'expire' leaves alive, also those gone before: a repeated revoke must be confirmed to the caches
--       again, and a record that was deleted by hand is told to nobody else. Derives keys from `all`.
--@include event
--@include ending

local base = string.sub(KEYS[1], 1, -4)
local partition, mode, only = ARGV[1], ARGV[2], ARGV[10]
local order = {
    kind = ARGV[3], actor = ARGV[4], reason = ARGV[5], from = ARGV[11], retention = tonumber(ARGV[6]),
    maxlen = ARGV[7],
}
local now = milliseconds()

-- Whether a session is one of `only`, judged here so that no change of it can come between. What has ended is judged
-- by its details: the end of one's own session may be ordered again.
local function is_meant(sid)
    local wanted = string.sub(only, 2)
    -- No organization is none of anybody's.
    if wanted == '' then return false end
    if string.sub(only, 1, 1) == 'u' then return details_of(base, sid) == wanted end
    local record = redis.pcall('GET', base .. 's:' .. sid)
    if type(record) == 'string' then return organization_of(record) == wanted end
    local found
    for line in string.gmatch(redis.call('GET', base .. 'm:' .. sid) or '', '[^\n]+') do
        local ok, details = pcall(cjson.decode, line)
        if not ok or type(details) ~= 'table' then return false end
        -- The first line is a list, its eighth entry the organization.
        found = details[8] or details.o or found
    end
    return found == wanted
end

local results, left, published = {}, {}, {}
for index = 12, #ARGV do
    local sid, at = ARGV[index], index - 11
    -- What cannot be read is nobody's.
    local readable, meant = true, true
    if only ~= '' then readable, meant = pcall(is_meant, sid) end
    if not (readable and meant) then
        results[at] = -1
    else
        if mode == 'end' then
            left[at] = kill(base, sid)
            results[at] = left[at] and 1 or 0
        else
            results[at] = redis.call('EXISTS', base .. 's:' .. sid)
        end
        if mode == 'end' or results[at] == 0 then published[#published + 1] = sid end
    end
end
publish(ARGV[8], 'E', ARGV[9], partition, published)
for at, result in ipairs(results) do
    local sid = ARGV[at + 11]
    if result == 1 and left[at] then
        book(bury, base, sid, order, now, left[at])
    elseif result == 0 and (redis.call('ZSCORE', KEYS[1], sid) or redis.call('ZSCORE', KEYS[2], sid)) then
        book(bury_expired, base, sid, order, now)
    end
end
return answered(results)
