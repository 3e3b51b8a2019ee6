#!lua flags=allow-oom
-- sweep: deletes sessions of an epoch that is over. Nobody accepts them any more, so nothing is published.
-- KEYS  all due ev end
-- ARGV  epoch offset batch actor reason retention maxlen from
--   epoch: sessions of an epoch before this one go. offset: '0', or what the last call returned. batch: <= 500.
--   retention: ms. from: the caller's address.
-- Returns  {next offset, or -1 at the end, examined, ended, events that wait to be read}
-- Cost  O(batch log n). Survivors that end between two calls shift the others, so a pass may miss some: repeat
--       from 0 until a pass ends nothing. Derives keys from `all`.
--@include event
--@include ending

local base = string.sub(KEYS[1], 1, -4)
local epoch, offset, batch = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local order = {
    kind = 'revoked', actor = ARGV[4], reason = ARGV[5], from = ARGV[8], retention = tonumber(ARGV[6]),
    maxlen = ARGV[7],
}
local now = milliseconds()

local members = redis.call('ZRANGE', KEYS[1], offset, offset + batch - 1)
local survivors, ended = 0, 0
for _, sid in ipairs(members) do
    local head = redis.call('GETRANGE', base .. 's:' .. sid, 0, 9)
    if head == '' then
        bury_expired(base, sid, order, now)
    elseif #head < 10 or struct.unpack('>I8', head, 3) < epoch then
        local left = kill(base, sid)
        bury(base, sid, order, now, left or 0)
        ended = ended + 1
    else
        survivors = survivors + 1
    end
end
return { #members < batch and -1 or offset + survivors, #members, ended, redis.call('XLEN', KEYS[3]) }
