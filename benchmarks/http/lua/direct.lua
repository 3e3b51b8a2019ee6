-- One GETEX for every check.
local peer = require "peer"
local token = peer.token()
if not token then
    return ngx.exit(401)
end
return peer.answer(peer.live(token))
