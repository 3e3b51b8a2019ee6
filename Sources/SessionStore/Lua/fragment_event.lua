-- Fragment: Redis's time and the event stream. Put in where a script says `--@include event`.

-- Milliseconds since 1970, as a number and as text: numbers go to Redis with 17 digits of a double, slowly.
local function milliseconds()
    local time = redis.call('TIME')
    local text = time[1] .. string.sub('00000' .. time[2], -6, -4)
    return tonumber(text), text
end

-- Always the same fields: a stream keeps their names once.
local function record_event(stream, maxlen, kind, sid, user, organization, actor, reason, from)
    redis.call('XADD', stream, 'MAXLEN', '~', maxlen, '*', 'type', kind, 'sid', sid, 'user', user,
        'actor', actor, 'reason', reason, 'org', organization, 'from', from)
end
