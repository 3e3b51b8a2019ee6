-- A verdict is kept in this worker's memory; a revoked session passes until it runs out.
local peer = require "peer"
local cache = require "worker_store"
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
