#!lua
-- create: makes a session within the user's limit, all or nothing.
-- KEYS  u all due ev end s m j
-- ARGV  sid head rest details_head details_rest data user estimate ttl absolute max behaviour replaced epoch retention maxlen channel origin barrier organization actor from
--   sid: 16 hex digits. head, rest: the live record before and after created and authenticated.
--   details_head, details_rest: the details before and after the value of created. data: '' for none.
--   estimate, absolute: ms since 1970; ttl (idle timeout and touch precision), retention: ms. max: 0 for unlimited.
--   behaviour: 'deny' or 'revoke-oldest'. replaced: sid of a session of this partition whose token came along
--   with the login, or ''. epoch: records before it count as ended. barrier: '1' to publish in any case.
--   organization, actor, from: for the event, '' for none.
-- Returns  {'ok', created, replaced (0 or 1), published (0 or 1), evicted sid...}
--          {'limit', count}        deny: nothing was written
--          {'more', evicted sid...}   over 1,000 had to go: call again, with barrier
--          {'clock', now}          the estimate is off by more than 2 s, or the deadline past: nothing was written
--          {'collision'}           the id is taken: nothing was written
-- Cost  O(log n); at the limit O(m) for the user's m sessions, m <= 1,000. Derives keys from `all`.
--@include event

local call = redis.call
-- Most logins find room and end nothing: what the others need is put behind the test, for Lua makes a script's
-- functions anew at every call, and a call costs as much as a write.
local max, replaced, epoch = tonumber(ARGV[11]), ARGV[13], tonumber(ARGV[14])
local now, now_text = milliseconds()
local absolute = tonumber(ARGV[10])
if math.abs(now - tonumber(ARGV[8])) > 2000 or absolute <= now then return { 'clock', now } end

-- Takes the id, unless it is in use: the details outlive the live record. A day more than anybody wants to see
-- them: they name the user's index, which the janitor must still find when it was away.
local function claim()
    local keep = absolute - now + tonumber(ARGV[15]) + 86400000
    return call('SET', KEYS[7], ARGV[4] .. now_text .. ARGV[5], 'PX', string.format('%d', keep), 'NX')
end

local evicted, ended = {}, {}
local replaces = false
-- What has not been cleaned up yet counts here, so this is an upper bound: mostly it settles the matter.
local count = max > 0 and call('ZCARD', KEYS[1]) or 0
if replaced == '' and (max == 0 or count < max) then
    if not claim() then return { 'collision' } end
else
--@include ending
    local base = string.sub(KEYS[2], 1, -4)
    local partition = string.format('%04x', tonumber(string.match(base, '{(%d+)}')))
    local order = {
        kind = 'evicted', actor = '', reason = '', from = ARGV[22], retention = tonumber(ARGV[15]),
        maxlen = ARGV[16],
    }
    replaces = replaced ~= '' and call('EXISTS', base .. 's:' .. replaced) == 1
    local own = max > 0 and replaces and call('ZSCORE', KEYS[1], replaced)
    if own then count = count - 1 end
    local outdated, expired, live = {}, {}, {}
    local partial = false
    if max > 0 and count >= max then
        for _, member in ipairs(call('ZRANGE', KEYS[1], 0, 999)) do
            if not (own and member == replaced) then
                local head = call('GETRANGE', base .. 's:' .. member, 0, 9)
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
            if ARGV[12] == 'deny' then return { 'limit', count } end
            local excess = count - max + 1
            for index = 1, math.min(excess, #live) do evicted[index] = live[index] end
            partial = excess > #live
        end
    end
    if not partial and not claim() then return { 'collision' } end

    local function finish(list, kind)
        order.kind = kind
        for _, member in ipairs(list) do
            local left = kill(base, member)
            bury(base, member, order, now, left or 0)
            call('ZREM', KEYS[1], member)
        end
    end
    for _, member in ipairs(expired) do
        bury_expired(base, member, order, now)
        call('ZREM', KEYS[1], member)
    end
    finish(outdated, 'revoked')
    finish(evicted, 'evicted')
    for index, member in ipairs(evicted) do ended[index] = member end
    if partial then
        publish(ARGV[17], 'E', '-', partition, ended)
        return { 'more', unpack(evicted) }
    end
    if replaces then
        finish({ replaced }, 'replaced')
        ended[#ended + 1] = replaced
    end
    if #ended > 0 then publish(ARGV[17], 'E', ARGV[18], partition, ended) end
end

local sid = ARGV[1]
local ttl = math.min(tonumber(ARGV[9]), absolute - now)
local stamp = struct.pack('>I8', now)
call('SET', KEYS[6], ARGV[2] .. stamp .. stamp .. ARGV[3], 'PX', string.format('%d', ttl))
if ARGV[6] ~= '' then call('SET', KEYS[8], '1:' .. ARGV[6], 'PX', absolute - now) end
call('ZADD', KEYS[1], now_text, sid)
call('ZADD', KEYS[2], now_text, sid)
call('ZADD', KEYS[3], string.format('%d', now + ttl), sid)
record_event(KEYS[4], ARGV[16], 'created', sid, ARGV[7], ARGV[20], ARGV[21], '', ARGV[22])

local published = #ended > 0 and 1 or 0
if published == 0 and ARGV[19] == '1' then
    -- Nothing to tell, but whoever acknowledges it has applied all before it.
    call('PUBLISH', ARGV[17], 'E ' .. ARGV[18] .. ' ')
    published = 1
end
return { 'ok', now, replaces and 1 or 0, published, unpack(evicted) }
