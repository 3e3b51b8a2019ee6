-- Fragment: Redis's time and the event stream. Put in where a script says `--@include event`.

-- Milliseconds since 1970, as a number and as text: numbers go to Redis with 17 digits of a double, slowly.
local function milliseconds()
    local time = redis.call('TIME')
    local micro = time[2]
    if #micro < 6 then micro = string.sub('00000' .. micro, -6) end
    local text = time[1] .. string.sub(micro, 1, 3)
    return tonumber(text), text
end

-- Always the same fields: a stream keeps their names once.
local function record_event(stream, maxlen, kind, sid, user, organization, actor, reason, from)
    redis.call('XADD', stream, 'MAXLEN', '~', maxlen, '*', 'type', kind, 'sid', sid, 'user', user,
        'actor', actor, 'reason', reason, 'org', organization, 'from', from)
end
