-- wrk script: POST /api/sessions, a new user every `per_user` sessions.
-- Arguments after "--": service key, file with one body, the user number in it, sessions a user, first user.

local head, before, after, per_user, user, made

function init(arguments)
    local file = assert(io.open(arguments[2]))
    local body = file:read("*a")
    file:close()
    local pieces, from = {}, 1
    while true do
        local first, last = body:find(arguments[3], from, true)
        if not first then break end
        pieces[#pieces + 1] = body:sub(from, first - 1)
        from = last + 1
    end
    before, after = pieces[1], body:sub(from)
    assert(#pieces == 1, "the user number must occur once")
    head = "POST /api/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        .. "Authorization: Bearer " .. arguments[1] .. "\r\nContent-Length: " .. #body .. "\r\n\r\n"
    per_user, user, made = tonumber(arguments[4]), tonumber(arguments[5]), 0
end

function request()
    local number = user + math.floor(made / per_user)
    made = made + 1
    return head .. before .. string.format("%08d", number) .. after
end
