#!lua flags=allow-oom
-- end_user: ends a user's sessions, oldest first, all or all but one.
-- KEYS  u all due ev end
-- ARGV  partition kind actor reason retention maxlen channel origin except batch from
--   except: sid to spare, or ''. batch: at most 1,000. retention: ms. from: the caller's address.
-- Returns  {more (0 or 1), ended sid...}: call again while more is 1
-- Cost  O(batch log n). Deletes, publishes, and only then keeps books. Publishes every id that it has looked at, also
--       those gone before, and with `origin` only when nothing is left: an acknowledgement of the last message then
--       stands for all. Publishes also when there was nothing to end, so that a repeated call is confirmed to the
--       caches again. Derives keys from `all`.
--@include event
--@include ending

local base = string.sub(KEYS[2], 1, -4)
local except, batch = ARGV[9], tonumber(ARGV[10])
local order = {
    kind = ARGV[2], actor = ARGV[3], reason = ARGV[4], from = ARGV[11], retention = tonumber(ARGV[5]),
    maxlen = ARGV[6],
}
local now = milliseconds()

local sids, left = {}, {}
for _, sid in ipairs(redis.call('ZRANGE', KEYS[1], 0, batch)) do
    if sid ~= except and #sids < batch then
        sids[#sids + 1] = sid
        left[#sids] = kill(base, sid) or false
    end
end
local rest = redis.call('ZCARD', KEYS[1]) - #sids
if except ~= '' and redis.call('ZSCORE', KEYS[1], except) then rest = rest - 1 end
local more = rest > 0 and 1 or 0
publish(ARGV[7], 'E', more == 1 and '-' or ARGV[8], ARGV[1], sids)

local ended = {}
for index, sid in ipairs(sids) do
    if left[index] then
        ended[#ended + 1] = sid
        book(bury, base, sid, order, now, left[index])
    else
        book(bury_expired, base, sid, order, now)
    end
    leave(base, KEYS[1], sid)
end
return answered({ more, unpack(ended) })
