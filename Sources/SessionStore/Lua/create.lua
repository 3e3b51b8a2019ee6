#!lua
-- create: makes a session within the user's limit, all or nothing.
-- KEYS  u all due ev end s m j
-- ARGV  sid head rest details_head details_rest data user organization actor from maxlen estimate ttl absolute kept room otherwise
--   sid: 16 hex digits. head, rest: the live record before and after created and authenticated.
--   details_head, details_rest: the details before and after the value of created. data: '' for none.
--   organization, actor, from: for the event, '' for none. ttl: idle timeout and touch precision, ms.
--   estimate, absolute, kept: ms since 1970; the details are kept until `kept`.
--   room: with fewer sessions than that in the user's index nobody has to go, and `otherwise` does not matter.
--   otherwise: max behavior replaced epoch retention barrier origin channel, with blanks between them. max: 0 for
--   unlimited. behavior: 'deny' or 'revoke-oldest'. replaced: sid of a session of this partition whose token came
--   along with the login, or '-'. epoch: records before it count as ended. retention: ms. barrier: '1' to publish in
--   any case.
-- Returns  {'ok', created, replaced (0 or 1), published (0 or 1), evicted sid...}
--          {'limit', count}        deny: nothing was written
--          {'more', evicted sid...}   over 1,000 had to go: call again, with barrier
--          {'clock', now}          the estimate is off by more than 2 s, or the deadline past: nothing was written
--          {'collision'}           the id is taken: nothing was written
-- Cost  O(log n); at the limit O(m) for the user's m sessions, m <= 1,000. Derives keys from `all`; of these `n`, the
--       counters, only for a user's first and sixth session.
--
-- Most logins find room and end nothing. They should cost little more than their writes, so what the others need is
-- behind a test: Lua makes a script's functions anew at every call. For the same reason `otherwise` is one argument
-- (each costs Redis some 0.15 us), the gateway computes what it can, and times go to Redis as text.
--@include event

local call, KEYS, ARGV = redis.call, KEYS, ARGV
local now, now_text = milliseconds()
local absolute = tonumber(ARGV[14])
local drift = now - ARGV[12]
if drift > 2000 or drift < -2000 or absolute <= now then return { 'clock', now } end

-- Ends who has to go; nil when nobody has.
local make_room
-- What has not been cleaned up yet counts here, so this is an upper bound: mostly it settles the matter.
local present = call('ZCARD', KEYS[1])
if present >= tonumber(ARGV[16]) then
--@include ending
    local most, behavior, replaced, epoch, retention, barrier, origin, channel =
        string.match(ARGV[17], '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.+)$')
    local max = tonumber(most)
    epoch = tonumber(epoch)
    local base = string.sub(KEYS[2], 1, -4)
    local partition = string.format('%04x', tonumber(string.match(base, '{(%d+)}')))
    local order = {
        kind = 'evicted', actor = '', reason = '', from = ARGV[10], retention = tonumber(retention),
        maxlen = ARGV[11],
    }
    local replaces = replaced ~= '-' and call('EXISTS', base .. 's:' .. replaced) == 1
    local own = max > 0 and replaces and call('ZSCORE', KEYS[1], replaced)
    local count = own and present - 1 or present
    local outdated, expired, live, evicted = {}, {}, {}, {}
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
            if behavior == 'deny' then return { 'limit', count } end
            local excess = count - max + 1
            for index = 1, math.min(excess, #live) do evicted[index] = live[index] end
            partial = excess > #live
        end
    end

    local left = {}
    local function kill_all(list)
        for _, member in ipairs(list) do left[member] = kill(base, member) or 0 end
    end
    local function finish(list, kind)
        order.kind = kind
        for _, member in ipairs(list) do
            book(bury, base, member, order, now, left[member])
            leave(base, KEYS[1], member)
        end
    end
    -- Returns the evicted, whether the replaced one was there, whether anything was published.
    function make_room()
        local replacing = replaces and not partial
        local ended = { unpack(evicted) }
        if replacing then ended[#ended + 1] = replaced end
        kill_all(outdated)
        kill_all(ended)
        -- With nothing to tell it is a barrier: whoever acknowledges it has applied all before it.
        local published = partial or #ended > 0 or barrier == '1'
        if published then publish(channel, 'E', partial and '-' or origin, partition, ended) end
        for _, member in ipairs(expired) do
            book(bury_expired, base, member, order, now)
            leave(base, KEYS[1], member)
        end
        finish(outdated, 'revoked')
        finish(evicted, 'evicted')
        if replacing then finish({ replaced }, 'replaced') end
        return evicted, replacing and 1 or 0, published and 1 or 0
    end
    if partial then return { 'more', unpack((make_room())) } end
end

-- Takes the id, unless it is in use: the details outlive the live record.
if not call('SET', KEYS[7], ARGV[4] .. now_text .. ARGV[5], 'PXAT', ARGV[15], 'NX') then return { 'collision' } end
local evicted, replaced, published
if make_room then
    evicted, replaced, published = make_room()
    present = call('ZCARD', KEYS[1])
end

local sid = ARGV[1]
local due = now + ARGV[13]
local due_text = due < absolute and string.format('%d', due) or ARGV[14]
call('SET', KEYS[6], ARGV[2] .. struct.pack('>I8I8', now, now) .. ARGV[3], 'PXAT', due_text)
if ARGV[6] ~= '' then call('SET', KEYS[8], '1:' .. ARGV[6], 'PXAT', ARGV[14]) end
call('ZADD', KEYS[1], now_text, sid)
if present == 0 or present == 5 then
    -- No login waits for a statistic.
    redis.pcall('HINCRBY', string.sub(KEYS[2], 1, -4) .. 'n', present == 0 and 'users' or 'crowded', '1')
end
call('ZADD', KEYS[2], now_text, sid)
call('ZADD', KEYS[3], due_text, sid)
record_event(KEYS[4], ARGV[11], 'created', sid, ARGV[7], ARGV[8], ARGV[9], '', ARGV[10])

if evicted then return { 'ok', now, replaced, published, unpack(evicted) } end
return { 'ok', now, 0, 0 }
