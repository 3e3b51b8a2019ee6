-- As worker_cache.lua, in memory that all workers share.
local peer = require "peer"
local cache = ngx.shared.checks
local token = peer.token()
if not token then
    return ngx.exit(401)
end
local live = cache:get(token)
if live == nil then
    live = peer.live(token)
    if live ~= nil then
        cache:set(token, live, peer.cache_seconds)
    end
end
return peer.answer(live)
