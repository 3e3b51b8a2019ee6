#!lua
-- data_set: replaces the application's document of an active session, if nobody else did meanwhile.
-- KEYS  s j
-- ARGV  expected document epoch
--   expected: the version that was read (0: none yet), or '*' for any. document: JSON, '' to take it away.
--   epoch: a record of an epoch before this one counts as gone.
-- Returns  {'ok', new version}  {'conflict', present version}  {'gone'}
-- Cost  O(size). Stored as version:document until the absolute deadline. No event: documents are the application's
--       business and would push sign-ins out of the stream.
--@include record

local record = redis.call('GET', KEYS[1])
if not record then return { 'gone' } end
local parts = parse_record(record)
if not parts then return redis.error_reply('CORRUPT live record') end
if struct.unpack('>I8', parts.epoch) < tonumber(ARGV[3]) then return { 'gone' } end
local present = tonumber(string.match(redis.call('GET', KEYS[2]) or '', '^(%d+):')) or 0
if ARGV[1] ~= '*' and tonumber(ARGV[1]) ~= present then return { 'conflict', present } end
local absolute = struct.unpack('>I8', parts.body, 17)
redis.call('SET', KEYS[2], string.format('%.0f', present + 1) .. ':' .. ARGV[2], 'PXAT', absolute)
return { 'ok', present + 1 }
