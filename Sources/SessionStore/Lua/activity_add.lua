#!lua
-- activity_add: adds entries to the timeline of an active session.
-- KEYS  s a
-- ARGV  epoch most retention ahead entry...
--   epoch: a record of an epoch before this one counts as gone. most: how many entries are kept, >= 1.
--   retention, ahead: ms. entry: at, ms since 1970, or '-' for now; status or '-'; source; method or '-'; path or
--   '=' and an action; with blanks between them. At most 100.
-- Returns  {'ok', entries written}
--          {'early', index from 0}  it was before the session: nothing was written
--          {'late', index from 0}   it lies more than `ahead` in the future: nothing was written
--          {'gone'}                 there is no such session
-- Cost  O(k) for k entries. Never revives: without the live record nothing is written. What a proxy told is put
--       within the session's life instead of being refused, for a gateway's estimate of the time may be off. The
--       key lives as long as the details may; who lets go of these lets go of it too.
--@include event
--@include record

local record = redis.call('GET', KEYS[1])
if not record then return { 'gone' } end
local parts = parse_record(record)
if not parts then return redis.error_reply('CORRUPT live record') end
if struct.unpack('>I8', parts.epoch) < tonumber(ARGV[1]) then return { 'gone' } end
local created, _, absolute = struct.unpack('>I8I8I8', parts.body)
local now, now_text = milliseconds()

local entries = {}
for index = 5, #ARGV do
    local at, status, source, method, act = string.match(ARGV[index], '^(%S+) (%S+) (%S+) (%S+) (.+)$')
    local time = tonumber(at)
    if not time then
        at = now_text
    elseif source == 'forward-auth' then
        at = string.format('%.0f', math.min(math.max(time, created), now))
    elseif time < created then
        return { 'early', index - 5 }
    elseif time > now + tonumber(ARGV[4]) then
        return { 'late', index - 5 }
    end
    entries[#entries + 1] = { at, status, source, method, act }
end
for _, entry in ipairs(entries) do
    redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[2], '*',
        'at', entry[1], 'st', entry[2], 'by', entry[3], 'me', entry[4], 'ac', entry[5])
end
redis.call('PEXPIREAT', KEYS[2], string.format('%.0f', absolute + tonumber(ARGV[3]) + 86400000))
return { 'ok', #entries }
