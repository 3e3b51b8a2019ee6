#!lua flags=allow-oom
-- rotate: replaces a session's verifier; the old one is honored for a grace.
-- KEYS  s all due ev end
-- ARGV  partition sid presented new grace retention maxlen channel origin actor from epoch spaced
--   presented, new: SHA-256 of the verifiers, 32 bytes. grace, retention: ms. actor, from: for the event.
--   epoch: a record of an epoch before this one counts as gone. spaced: '1' to leave a token that was given out by a
--   rotation within its grace as it is.
-- Returns  {'rotated', now, record}   this call has replaced it; copies are told (I)
--          {'again', now, record}     a retry or a second tab within the grace: `new` is the present one already
--          {'recent', now, record}    spaced, and the last rotation is within its grace: nothing was changed
--          {'conflict', now}  within the grace, but another successor was given: nothing was changed
--          {'reused', now}    an old token: the session has been ended (E)
--          {'gone', now}      there is no such session
-- Cost  O(log n). Never creates: SET XX KEEPTTL. allow-oom, because a stolen token must end the session even then.
--       Derives keys from `all`.
--@include event
--@include ending
--@include record

local base = string.sub(KEYS[2], 1, -4)
local partition, sid, presented, new = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local now = milliseconds()

local record = redis.call('GET', KEYS[1])
if not record then return { 'gone', now } end
local parts = parse_record(record)
if not parts then return redis.error_reply('CORRUPT live record ' .. partition .. sid) end
if struct.unpack('>I8', parts.epoch) < tonumber(ARGV[12]) then return { 'gone', now } end

local match = judge(parts, presented, now)
if match == 'current' and ARGV[13] == '1' and parts.previous and now <= parts.grace then
    return { 'recent', now, record }
end
if match == 'current' then
    parts.previous, parts.current, parts.grace = parts.current, new, now + tonumber(ARGV[5])
    record = build_record(parts)
    redis.call('SET', KEYS[1], record, 'XX', 'KEEPTTL')
    publish(ARGV[8], 'I', ARGV[9], partition, { sid })
    book(function()
        local _, user = details_of(base, sid)
        record_event(base .. 'ev', ARGV[7], 'rotated', sid, user, organization_of(record), ARGV[10], '', ARGV[11])
    end)
    return answered({ 'rotated', now, record })
end
if match == 'grace' then return { new == parts.current and 'again' or 'conflict', now, record } end

local left = kill(base, sid)
publish(ARGV[8], 'E', ARGV[9], partition, { sid })
book(bury, base, sid, {
    kind = 'token-reused', actor = '', reason = '', from = ARGV[11], retention = tonumber(ARGV[6]),
    maxlen = ARGV[7],
}, now, left or 0)
return answered({ 'reused', now })
