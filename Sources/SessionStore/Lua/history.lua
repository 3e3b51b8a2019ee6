#!lua flags=no-writes
-- history: a user's ended sessions, last ended first.
-- KEYS  end all
-- ARGV  user_key offset batch
--   offset: how many entries of the partition's history to pass over. batch: how many to look at, <= 1,000.
-- Returns  {examined, sid...}: the user's among them; less than batch examined means that there are no more
-- Cost  O(batch). Derives keys from `all`.

local base = string.sub(KEYS[2], 1, -4)
local offset, batch = tonumber(ARGV[2]), tonumber(ARGV[3])
local members = redis.call('ZREVRANGE', KEYS[1], offset, offset + batch - 1)
local result = { #members }
for _, sid in ipairs(members) do
    -- ["<22 characters>", …: the user's key stands at a fixed place.
    if redis.call('GETRANGE', base .. 'm:' .. sid, 2, 1 + #ARGV[1]) == ARGV[1] then
        result[#result + 1] = sid
    end
end
return result
