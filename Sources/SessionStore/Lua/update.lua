#!lua
-- update: changes what an active session says of itself.
-- KEYS  s m all ev
-- ARGV  partition sid epoch patch organization roles factors reauthenticated extend maxlen channel origin actor from
--   epoch: a record of an epoch before this one counts as gone. patch: JSON to lay over the details, '' for none.
--   organization, roles, factors: '' to leave, else '=' and the section of the live record. factors may also be
--   '+' and a section to be added: what is there already stays once, and of more than 8 the last ones stay.
--   reauthenticated: '1' sets the time of authentication to now. extend: '1' starts the idle timeout anew.
-- Returns  {'ok', now, published (0 or 1), record}
--          {'gone', now}     there is no such session
-- Cost  O(size). Never creates: SET XX KEEPTTL. Copies are told (I) when the live record changed.
--       Derives keys from `all`.
--@include event
--@include ending
--@include record

local base = string.sub(KEYS[3], 1, -4)
local partition, sid = ARGV[1], ARGV[2]
local now = milliseconds()

local record = redis.call('GET', KEYS[1])
if not record then return { 'gone', now } end
local parts = parse_record(record)
local key, user = details_of(base, sid)
if not parts or not key then return redis.error_reply('CORRUPT session ' .. partition .. sid) end
if struct.unpack('>I8', parts.epoch) < tonumber(ARGV[3]) then return { 'gone', now } end

local created, authenticated, absolute, idle = struct.unpack('>I8I8I8I8', parts.body)
local patch = ARGV[4] ~= '' and cjson.decode(ARGV[4]) or {}
if ARGV[8] == '1' then
    authenticated = now
    patch.au = now
end

local sections, at = {}, 33
for index = 1, 4 do
    local length = struct.unpack('>I2', parts.body, at)
    sections[index] = string.sub(parts.body, at + 2, at + 1 + length)
    at = at + 2 + length
end
-- The entries of a section, each behind its length in one byte.
local function entries(section)
    local list, position = {}, 1
    while position <= #section do
        local length = string.byte(section, position)
        list[#list + 1] = string.sub(section, position + 1, position + length)
        position = position + 1 + length
    end
    return list
end

for index = 2, 4 do
    local change = ARGV[3 + index]
    if string.sub(change, 1, 1) == '+' then
        local known, all = {}, entries(sections[index])
        for _, entry in ipairs(all) do known[entry] = true end
        for _, entry in ipairs(entries(string.sub(change, 2))) do
            if not known[entry] then
                known[entry] = true
                all[#all + 1] = entry
            end
        end
        local kept, section = {}, {}
        for place = math.max(1, #all - 7), #all do
            kept[#kept + 1] = all[place]
            section[#section + 1] = string.char(#all[place]) .. all[place]
        end
        sections[index] = table.concat(section)
        patch.f = table.concat(kept, ',')
    elseif change ~= '' then
        sections[index] = string.sub(change, 2)
    end
end
local body = { struct.pack('>I8I8I8I8', created, authenticated, absolute, idle) }
for index = 1, 4 do body[index + 1] = struct.pack('>I2', #sections[index]) .. sections[index] end
parts.body = table.concat(body)
local changed = build_record(parts)

local published = 0
if changed ~= record then
    redis.call('SET', KEYS[1], changed, 'XX', 'KEEPTTL')
    published = 1
    -- Before anything that may fail: copies with rights that were taken away must not stay.
    publish(ARGV[11], 'I', ARGV[12], partition, { sid })
end
if ARGV[9] == '1' then
    -- As SessionPolicy.touchPrecision(forIdleTimeout:) has it.
    local precision = math.min(math.max(math.floor(idle / 600), 1000), 60000)
    redis.call('PEXPIRE', KEYS[1], math.max(1, math.min(idle + precision, absolute - now)))
end
if next(patch) then
    -- The first line stays as the gateway wrote it; later changes become one line, so that the details do not grow.
    local text = redis.call('GET', KEYS[2])
    local first = string.match(text, '^[^\n]*')
    local merged = {}
    for line in string.gmatch(string.sub(text, #first + 1), '[^\n]+') do
        for name, value in pairs(cjson.decode(line)) do merged[name] = value end
    end
    for name, value in pairs(patch) do merged[name] = value end
    redis.call('SET', KEYS[2], first .. '\n' .. cjson.encode(merged), 'XX', 'KEEPTTL')
end
record_event(base .. 'ev', ARGV[10], 'updated', sid, user, sections[2], ARGV[13], '', ARGV[14])
return { 'ok', now, published, changed }
