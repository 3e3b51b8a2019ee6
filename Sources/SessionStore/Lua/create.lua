#!lua
-- create: makes a session within the user's limit, all or nothing.
-- KEYS  u all due ev end s m j
-- ARGV  partition sid head rest details_head details_rest data user estimate idle precision absolute max behaviour replaced epoch retention maxlen channel origin barrier
--   partition: 4 hex digits; sid: 16. head, rest: the live record before and after created and authenticated.
--   details_head, details_rest: the details before and after the value of created. data: '' for none.
--   estimate, absolute: ms since 1970; idle, precision, retention: ms. max: 0 for unlimited.
--   behaviour: 'deny' or 'revoke-oldest'. replaced: sid of a session of this partition whose token came along
--   with the login, or ''. epoch: records before it count as ended. barrier: '1' to publish in any case.
-- Returns  {'ok', created, replaced (0 or 1), published (0 or 1), evicted sid...}
--          {'limit', count}        deny: nothing was written
--          {'more', evicted sid...}   over 1,000 had to go: call again, with barrier
--          {'clock', now}          the estimate is off by more than 2 s, or the deadline past: nothing was written
--          {'collision'}           the id is taken: nothing was written
-- Cost  O(log n); at the limit O(m) for the user's m sessions, m <= 1,000. Derives keys from `all`.
--@include ending

local base = string.sub(KEYS[2], 1, -4)
local partition, sid = ARGV[1], ARGV[2]
local absolute, max, epoch = tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[16])
local replaced = ARGV[15]
local order = {
    kind = 'evicted', actor = '', reason = '', retention = tonumber(ARGV[17]), maxlen = ARGV[18],
}

local now = milliseconds()
if math.abs(now - tonumber(ARGV[9])) > 2000 or absolute <= now then return { 'clock', now } end
if redis.call('EXISTS', KEYS[6], KEYS[7]) > 0 then return { 'collision' } end

local replaces = replaced ~= '' and redis.call('EXISTS', base .. 's:' .. replaced) == 1
local evicted, outdated, expired = {}, {}, {}
local partial = false

if max > 0 then
    -- What has not been cleaned up yet counts here, so this is an upper bound: mostly it settles the matter.
    local count = redis.call('ZCARD', KEYS[1])
    local own = replaces and redis.call('ZSCORE', KEYS[1], replaced)
    if own then count = count - 1 end
    if count >= max then
        local live = {}
        for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, 999)) do
            if not (own and member == replaced) then
                local head = redis.call('GETRANGE', base .. 's:' .. member, 0, 9)
                if head == '' then
                    expired[#expired + 1] = member
                    count = count - 1
                elseif #head < 10 or struct.unpack('>I8', head, 3) < epoch then
                    outdated[#outdated + 1] = member
                    count = count - 1
                else
                    live[#live + 1] = member
                end
            end
        end
        if count >= max then
            if ARGV[14] == 'deny' then return { 'limit', count } end
            local excess = count - max + 1
            for index = 1, math.min(excess, #live) do evicted[index] = live[index] end
            partial = excess > #live
        end
    end
end

local ended = {}
local function finish(list, kind)
    for _, member in ipairs(list) do
        local left = kill(base, member)
        order.kind = kind
        bury(base, member, order, now, left or 0)
        redis.call('ZREM', KEYS[1], member)
    end
end
for _, member in ipairs(expired) do
    bury_expired(base, member, order, now)
    redis.call('ZREM', KEYS[1], member)
end
finish(outdated, 'revoked')
finish(evicted, 'evicted')
for index, member in ipairs(evicted) do ended[index] = member end

if partial then
    publish(ARGV[19], 'E', '-', partition, ended)
    return { 'more', unpack(evicted) }
end
if replaces then
    finish({ replaced }, 'replaced')
    ended[#ended + 1] = replaced
end

local ttl = math.min(tonumber(ARGV[10]) + tonumber(ARGV[11]), absolute - now)
local stamp = struct.pack('>I8', now)
redis.call('SET', KEYS[6], ARGV[3] .. stamp .. stamp .. ARGV[4], 'PX', ttl)
-- A day more than anybody wants to see it: the details name the user's index, which the janitor must still find
-- when it was away.
redis.call('SET', KEYS[7], ARGV[5] .. string.format('%.0f', now) .. ARGV[6],
    'PX', absolute - now + order.retention + 86400000)
if ARGV[7] ~= '' then redis.call('SET', KEYS[8], '1:' .. ARGV[7], 'PX', absolute - now) end
redis.call('ZADD', KEYS[1], now, sid)
redis.call('ZADD', KEYS[2], now, sid)
redis.call('ZADD', KEYS[3], now + ttl, sid)
record_event(base, order.maxlen, 'created', sid, ARGV[8], '', '')

local published = 0
if #ended > 0 or ARGV[21] == '1' then
    publish(ARGV[19], 'E', ARGV[20], partition, ended)
    published = 1
end
return { 'ok', now, replaces and 1 or 0, published, unpack(evicted) }
