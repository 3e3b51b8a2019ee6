-- Forward-auth for Apache httpd (mod_lua): asks the Portcullis gateway about each request. A good token: the identity
-- headers are put in and the request goes on. Anything else: the gateway's answer is the client's answer. Nobody is let
-- in whom the gateway has not let in, and no cookie is touched.

local socket = require("socket")

-- Where the gateway is. The hook runs before SetEnv, so the address stands here.
local host, port = "127.0.0.1", 7171

local asked_with = { "Host", "Cookie", "Authorization", "Accept", "User-Agent", "X-Requested-With", "Sec-Fetch-Mode" }
local passed_on = {
    ["cache-control"] = true, ["www-authenticate"] = true, ["retry-after"] = true, ["location"] = true,
}
-- All three families of identity headers (--identity-headers), also as an application may read them that takes _ and -
-- for the same.
local claims = { "^x[-_]session", "^remote[-_]", "^x[-_]auth[-_]request", "^x[-_]forwarded[-_]" }

local unavailable = '{"code":"unavailable","error":"Session store unavailable","status":503,' ..
    '"title":"Service Unavailable","type":"about:blank"}'

-- A connection of this thread's that waits for its next question.
local kept

-- The answer's status, headers (names in lower case) and body; nil when there is none.
local function exchange(connection, question)
    if not connection:send(question) then return nil end
    local line = connection:receive("*l")
    local status = line and tonumber(line:match("^HTTP/1%.1 (%d%d%d)"))
    if not status then return nil end
    local headers = {}
    repeat
        line = connection:receive("*l")
        if not line then return nil end
        local name, value = line:match("^([^:]+):%s*(.-)%s*$")
        if name then headers[name:lower()] = value end
    until line == ""
    local length = tonumber(headers["content-length"] or "0")
    local body = length > 0 and connection:receive(length) or ""
    if not body then return nil end
    return status, headers, body
end

local function ask(question)
    if kept then
        local connection = kept
        kept = nil
        local status, headers, body = exchange(connection, question)
        if status then
            kept = connection
            return status, headers, body
        end
        -- The gateway may have closed it meanwhile. To ask again does no harm.
        connection:close()
    end
    local connection = socket.tcp()
    connection:settimeout(0.5)
    if not connection:connect(host, port) then return nil end
    connection:settimeout(2)
    connection:setoption("tcp-nodelay", true)
    local status, headers, body = exchange(connection, question)
    if status then kept = connection else connection:close() end
    return status, headers, body
end

local function deny(r, status, headers, body)
    for name, value in pairs(headers) do
        if passed_on[name] then r.err_headers_out[name] = value end
    end
    r.status = status
    r.content_type = headers["content-type"] or "application/problem+json"
    r:write(body)
    return apache2.DONE
end

function check(r)
    local names = {}
    for name in pairs(r:headers_in_table()) do names[#names + 1] = name end
    for _, name in ipairs(names) do
        for _, claim in ipairs(claims) do
            if name:lower():find(claim) then r.headers_in[name] = nil end
        end
    end

    -- Whoever wants a page may be sent to the login page (--login-url).
    local accept = r.headers_in["Accept"]
    local wants_page = accept and accept:find("text/html", 1, true) and not r.headers_in["Upgrade"]
    local scheme = r.is_https and "https" or "http"
    local lines = { "GET /check" .. (wants_page and "?redirect=302" or "") .. " HTTP/1.1" }
    for _, name in ipairs(asked_with) do
        local value = r.headers_in[name]
        if value then lines[#lines + 1] = name .. ": " .. value end
    end
    lines[#lines + 1] = "X-Forwarded-Method: " .. r.method
    lines[#lines + 1] = "X-Forwarded-Proto: " .. scheme
    lines[#lines + 1] = "X-Forwarded-Host: " .. (r.headers_in["Host"] or "")
    lines[#lines + 1] = "X-Forwarded-Uri: " .. r.unparsed_uri
    lines[#lines + 1] = "X-Forwarded-For: " .. r.useragent_ip
    local status, headers, body = ask(table.concat(lines, "\r\n") .. "\r\n\r\n")

    if not status then
        return deny(r, 503, { ["retry-after"] = "1", ["cache-control"] = "no-store" }, unavailable)
    end
    if status ~= 204 then return deny(r, status, headers, body) end
    for name, value in pairs(headers) do
        for index = 1, 3 do
            if name:find(claims[index]) then r.headers_in[name] = value end
        end
    end
    r.headers_in["X-Forwarded-Proto"] = scheme
    -- Whether the request is allowed for other reasons is for the other modules to say.
    return apache2.DECLINED
end
