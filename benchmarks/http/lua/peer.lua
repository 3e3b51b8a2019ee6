-- What the Lua peers share: the cookie's token, and one GETEX on a pooled connection.
local redis = require "nginx.redis"

local peer = { prefix = "bench:" }

function peer.configure(socket, cookie, idle_ms, cache_seconds)
    peer.socket = socket
    peer.variable = "cookie_" .. string.lower(cookie)
    peer.idle_ms = idle_ms
    peer.cache_seconds = cache_seconds
end

function peer.token()
    return ngx.var[peer.variable]
end

-- true: the session is live and its idle timeout begins anew; false: there is none; nil: no answer.
function peer.live(token)
    local connection = redis:new()
    connection:set_timeout(1000)
    local connected, reason = connection:connect(peer.socket)
    if not connected then
        ngx.log(ngx.ERR, "redis: ", reason)
        return nil
    end
    local record, failure = connection:getex(peer.prefix .. token, "PX", peer.idle_ms)
    if not record then
        ngx.log(ngx.ERR, "redis: ", failure)
        return nil
    end
    connection:set_keepalive(60000, 100)
    return record ~= ngx.null
end

function peer.answer(live)
    if live == nil then
        return ngx.exit(503)
    end
    return ngx.exit(live and 204 or 401)
end

return peer
