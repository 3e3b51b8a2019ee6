-- Fragment: the end of a session. Put in where a script says `--@include ending`, after `event`.
--
-- `base` is the prefix of a partition's keys (`pc:{5}:`). Where a session id is only known inside the script,
-- the keys s:, m:, j:, a:, u: and n are derived from the declared key `all`: same prefix, same hash tag, hence the
-- same Cluster slot.

-- Order of an ending: kill, publish, then keep books. What has been killed is told to the nodes before anything is
-- written that may fail, for a script that breaks off keeps what it has done and would leave nodes with copies of what
-- Redis no longer has.

-- What went wrong first while books were kept.
local failure

-- Keeps books of one session. What is spoilt there keeps nobody from the others'.
local function book(write, ...)
    local ok, reason = pcall(write, ...)
    if not ok and not failure then failure = type(reason) == 'table' and reason.err or tostring(reason) end
end

-- The script's answer, or an error when books could not be kept: an act that the audit log misses is not acknowledged.
local function answered(value)
    if failure then return redis.error_reply('BOOKS ' .. string.gsub(failure, '[\r\n]', ' ')) end
    return value
end

-- User key, user id, absolute deadline and organization (as at creation) out of the details; nil, '' when there are
-- none. The gateway writes these fields first, so that JSON need not be parsed unless one of them has escapes.
local function details_of(base, sid)
    local head = redis.call('GETRANGE', base .. 'm:' .. sid, 0, 639)
    local key, user, absolute, organization =
        string.match(head, '^%["([%w_-]+)","([^"\\]*)",%d+,(%d+),%d+,%d+,%d+,"([^"\\]*)"')
    if key then return key, user, tonumber(absolute), organization end
    if head == '' then return nil, '' end
    local line = string.match(redis.call('GET', base .. 'm:' .. sid), '^[^\n]*')
    local ok, details = pcall(cjson.decode, line)
    if not ok or type(details) ~= 'table' or type(details[1]) ~= 'string' then return nil, '' end
    local known = type(details[8]) == 'string' and details[8] or ''
    return details[1], tostring(details[2]), tonumber(details[4]), known
end

-- Takes a session out of its user's index. `n` counts the users who have a session, and those who have more than 5.
local function leave(base, index, sid)
    if redis.call('ZREM', index, sid) == 0 then return end
    local left = redis.call('ZCARD', index)
    -- A counter that is no number is for the clean-up to mend; no end waits for a statistic.
    if left == 0 then
        redis.pcall('HINCRBY', base .. 'n', 'users', -1)
    elseif left == 5 then
        redis.pcall('HINCRBY', base .. 'n', 'crowded', -1)
    end
end

-- The organization in a live record; '' when it has none or is no record. Its place is as in the fragment `record`.
local function organization_of(record)
    if #record < 80 then return '' end
    local at = bit.band(string.byte(record, 2), 2) ~= 0 and 115 or 75
    if #record < at + 1 then return '' end
    at = at + 2 + struct.unpack('>I2', record, at)
    if #record < at + 1 then return '' end
    return string.sub(record, at + 2, at + 1 + struct.unpack('>I2', record, at))
end

-- The organizations of the sessions that this script has killed, by sid.
local killed = {}

-- Takes a session whose live record is gone out of every index, leaves it in the history, writes the event.
-- `order`: kind, actor, reason, from, retention (ms), maxlen. `at`: when it ended; `left`: what its key had left then.
local function bury_as(base, sid, order, kind, now, at, left, key, user, organization)
    local details = base .. 'm:' .. sid
    if key then leave(base, base .. 'u:' .. key, sid) end
    redis.call('ZREM', base .. 'all', sid)
    redis.call('ZREM', base .. 'due', sid)
    local keep = at + order.retention - now
    if key and keep > 0 then
        local patch = { x = kind, t = at }
        if left > 0 then patch.p = left end
        if order.actor ~= '' then patch.by = order.actor end
        if order.reason ~= '' then patch.why = order.reason end
        redis.call('APPEND', details, '\n' .. cjson.encode(patch))
        redis.call('PEXPIRE', details, keep)
        redis.call('ZADD', base .. 'end', at, sid)
    else
        redis.call('DEL', details, base .. 'a:' .. sid)
    end
    record_event(base .. 'ev', order.maxlen, kind, sid, user, organization or '', order.actor, order.reason,
        order.from or '')
end

-- A session that was ended now, by `order`.
local function bury(base, sid, order, now, left)
    local key, user, _, organization = details_of(base, sid)
    bury_as(base, sid, order, order.kind, now, now, left, key, user, killed[sid] or organization)
end

-- A session whose key ran out. It ended where its expiry was last expected: later than that its key would have
-- been found by the janitor.
local function bury_expired(base, sid, order, now)
    local key, user, absolute, organization = details_of(base, sid)
    local at = math.min(tonumber(redis.call('ZSCORE', base .. 'due', sid)) or now, now)
    -- TIME and the clock of key expiry may differ by a millisecond within one script.
    local kind = absolute and at >= absolute - 10 and 'expired-absolute' or 'expired-idle'
    local silent = { actor = '', reason = '', retention = order.retention, maxlen = order.maxlen }
    -- An update that moved the session to another organization has left a line behind the first.
    local later = key and string.match(redis.call('GET', base .. 'm:' .. sid), '\n([^\n]+)')
    if later then
        local ok, patch = pcall(cjson.decode, later)
        if ok and type(patch) == 'table' and type(patch.o) == 'string' then organization = patch.o end
    end
    bury_as(base, sid, silent, kind, now, at, 0, key, user, organization)
end

-- Deletes the live record and the data. Returns what the key had left (ms), or nil when it was not there.
local function kill(base, sid)
    local left = redis.call('PTTL', base .. 's:' .. sid)
    local record = redis.pcall('GET', base .. 's:' .. sid)
    if redis.call('DEL', base .. 's:' .. sid, base .. 'j:' .. sid) == 0 or not record then return nil end
    -- Not a record but a key of another type: gone all the same.
    killed[sid] = type(record) == 'string' and organization_of(record) or ''
    return math.max(left, 0)
end

-- One message for all ids. An empty one is still a barrier: whoever acknowledges it has applied all before it.
local function publish(channel, letter, origin, partition, sids)
    local ids = {}
    for index, sid in ipairs(sids) do ids[index] = partition .. sid end
    redis.call('PUBLISH', channel, letter .. ' ' .. origin .. ' ' .. table.concat(ids, ','))
end
