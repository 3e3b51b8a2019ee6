#!lua flags=allow-oom
-- log_append: appends events to the log, unless another relay did meanwhile; lets go of what is too old or too much.
-- KEYS  log relay rates
-- ARGV  head new_head total oldest retention cap streams minutes stream before after minute logins revocations expiries refusals previous content...
--   head, new_head: hash of the chain before and after, 32 bytes; head '' while there is none. total: entries there
--   ever were, with these. oldest: when the first of these events happened, ms, or ''. retention: ms. cap: about how
--   many entries are kept. streams, minutes: how many of the groups follow that begin with stream and with minute.
--   stream, before, after: how far an event stream had been read, and has been. minute: since 1970; what to add to
--   its rates. previous, content: an entry.
-- Returns  {'ok', last}  the position of the last entry, '' when there is none yet
--          {'stale'}     the log or a stream was not as given: nothing was written
-- Cost  O(entries); at most some 2,000 old entries go at a time. Time in the log is that of appending. allow-oom:
--       revocations go on without memory, and their record with them; the cap bounds what it takes.

local call = redis.call
local streams, minutes = tonumber(ARGV[7]), tonumber(ARGV[8])

local names, expected = { 'head', 'last', 'lag' }, {}
for index = 0, streams - 1 do
    names[#names + 1] = ARGV[9 + 3 * index]
    expected[#names] = ARGV[10 + 3 * index]
end
local known = call('HMGET', KEYS[2], unpack(names))
if (known[1] or '') ~= ARGV[1] then return { 'stale' } end
for index = 4, #names do
    if (known[index] or '') ~= expected[index] then return { 'stale' } end
end

local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local first = 9 + 3 * streams + 5 * minutes
local last = known[2] or ''

-- First: where memory is short, this is what gives some back.
call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[6], 'LIMIT', 1000)
local oldest = math.max(0, now - tonumber(ARGV[5]))
-- The last entry stays however old it is: who has read up to it has missed nothing.
local isLastOld = last ~= '' and tonumber(string.match(last, '^%d+')) < oldest
call('XTRIM', KEYS[1], 'MINID', '~', isLastOld and last or string.format('%.0f', oldest), 'LIMIT', 1000)

for index = first, #ARGV - 1, 2 do
    last = call('XADD', KEYS[1], '*', 'p', ARGV[index], 'e', ARGV[index + 1])
end

local fields = { 'head', ARGV[2], 'total', ARGV[3], 'last', last }
for index = 0, streams - 1 do
    fields[#fields + 1] = ARGV[9 + 3 * index]
    fields[#fields + 1] = ARGV[11 + 3 * index]
end
if ARGV[4] ~= '' and now - tonumber(ARGV[4]) > (tonumber(known[3] or '') or 0) then
    -- The longest that an event has waited: whoever looks for a time has to look so much further.
    fields[#fields + 1] = 'lag'
    fields[#fields + 1] = string.format('%.0f', now - tonumber(ARGV[4]))
end
call('HSET', KEYS[2], unpack(fields))

-- A ring of a day: a minute takes the place of the one a day before.
for group = 0, minutes - 1 do
    local at = 9 + 3 * streams + 5 * group
    local minute = tonumber(ARGV[at])
    local slot = string.format('%d', minute % 1440)
    local sums = { 0, 0, 0, 0 }
    local present = 0
    local numbers = {}
    for number in string.gmatch(call('HGET', KEYS[3], slot) or '', '%d+') do numbers[#numbers + 1] = tonumber(number) end
    if #numbers == 5 then
        present = numbers[1]
        if present == minute then sums = { numbers[2], numbers[3], numbers[4], numbers[5] } end
    end
    if present <= minute then
        local text = string.format('%d', minute)
        for index = 1, 4 do text = text .. string.format(' %d', sums[index] + tonumber(ARGV[at + index])) end
        call('HSET', KEYS[3], slot, text)
    end
end

return { 'ok', last }
