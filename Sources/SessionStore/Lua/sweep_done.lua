#!lua flags=allow-oom
-- sweep_done: notes that the sessions of lower epochs have been deleted, unless everyone has been logged out again.
-- KEYS  sweep
-- ARGV  epoch
-- Returns  1 when it is done, 0 when more is to be done
-- Cost  O(1)

if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
