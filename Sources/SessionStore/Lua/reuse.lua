#!lua flags=allow-oom
-- reuse: a check saw a genuine token with a wrong verifier; looks again and ends the session if it is so.
-- KEYS  s all due ev end
-- ARGV  partition sid presented retention maxlen channel origin
--   presented: SHA-256 of the verifier, 32 bytes. retention: ms.
-- Returns  {'current', now}  it is the present one: the check had an old copy
--          {'grace', now}    it was rotated out and is still honored
--          {'reused', now}   it was rotated out for good: the session has been ended (E)
--          {'gone', now}     there is no such session
-- Cost  O(log n). Derives keys from `all`.
--@include event
--@include ending
--@include record

local base = string.sub(KEYS[2], 1, -4)
local partition, sid = ARGV[1], ARGV[2]
local now = milliseconds()

local record = redis.call('GET', KEYS[1])
if not record then return { 'gone', now } end
local parts = parse_record(record)
if not parts then return redis.error_reply('CORRUPT live record ' .. partition .. sid) end

local match = judge(parts, ARGV[3], now)
if match ~= 'reused' then return { match, now } end

local left = kill(base, sid)
publish(ARGV[6], 'E', ARGV[7], partition, { sid })
book(bury, base, sid, {
    kind = 'token-reused', actor = '', reason = '', retention = tonumber(ARGV[4]), maxlen = ARGV[5],
}, now, left or 0)
return answered({ 'reused', now })
