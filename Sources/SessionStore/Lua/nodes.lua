#!lua flags=no-writes
-- nodes: the gateway nodes and what is left of their leases.
-- KEYS  nodes
-- ARGV  which
--   which: 'live' for those whose lease is not over, 'all' for every entry.
-- Returns  {now, node, remaining ms, info, node, ...}; info is '' with 'live'
-- Cost  O(nodes)

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local result = { now }
local entries = redis.call('HGETALL', KEYS[1])
for index = 1, #entries, 2 do
    local untilTime, info = string.match(entries[index + 1], '^(%d+) (.*)$')
    -- What cannot be read is taken for a lease that nobody knows the end of: 60 s.
    local remaining = untilTime and tonumber(untilTime) - now or 60000
    if ARGV[1] == 'all' then
        result[#result + 1] = entries[index]
        result[#result + 1] = remaining
        result[#result + 1] = info or ''
    elseif remaining >= 0 then
        result[#result + 1] = entries[index]
        -- The entry's time is in whole milliseconds, rounded down twice.
        result[#result + 1] = remaining + 1
        result[#result + 1] = ''
    end
end
return result
