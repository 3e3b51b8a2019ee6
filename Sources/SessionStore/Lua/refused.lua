#!lua
-- refused: records attempts that were refused.
-- KEYS  rf
-- ARGV  maxlen kind sid user org actor from call code count...
--   kind: 'refused' or 'refusals-dropped'. sid: 20 digits or ''. call, code: what was attempted and how it was
--   answered. count: how many attempts it stands for. At most 200 groups that begin with kind.
-- Returns  how many were recorded
-- Cost  O(groups)

for index = 2, #ARGV - 8, 9 do
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'type', ARGV[index], 'sid', ARGV[index + 1],
        'user', ARGV[index + 2], 'actor', ARGV[index + 4], 'reason', '', 'org', ARGV[index + 3],
        'from', ARGV[index + 5], 'call', ARGV[index + 6], 'code', ARGV[index + 7], 'count', ARGV[index + 8])
end
return (#ARGV - 1) / 9
