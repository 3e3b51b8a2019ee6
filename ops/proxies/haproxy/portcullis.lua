-- Forward-auth for HAProxy: asks the Portcullis gateway about each request. A good token: the identity headers are put
-- in and the request goes on. Anything else: the gateway's answer is the client's answer. Nobody is let in whom the
-- gateway has not let in, and no cookie is touched.

local gateway = os.getenv("PORTCULLIS_URL") or "http://127.0.0.1:7171"

-- What the gateway may say of a session (--identity-headers), and what of its other answers reaches the client.
local identity = {
    "x-session-id", "x-session-user", "x-session-organization", "x-session-roles", "x-session-factors",
    "x-session-expires", "x-session-auth-time", "remote-user", "remote-groups", "x-auth-request-user",
    "x-auth-request-groups",
}
local passed_on = { "content-type", "cache-control", "www-authenticate", "retry-after", "location" }
local asked_with = {
    "host", "cookie", "authorization", "accept", "user-agent", "upgrade", "x-requested-with", "sec-fetch-mode",
    "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
}

local unavailable = '{"code":"unavailable","error":"Session store unavailable","status":503,' ..
    '"title":"Service Unavailable","type":"about:blank"}'

local function answer(txn, status, headers, body)
    txn:done(txn:reply({ status = status, headers = headers, body = body }))
end

core.register_action("portcullis", { "http-req" }, function(txn)
    local request = txn.http:req_get_headers()
    local question = {}
    for _, name in ipairs(asked_with) do
        if request[name] then
            -- HAProxy counts from 0, and every one has to be seen: two tokens are to be refused.
            local values = {}
            for index = 0, #request[name] do values[index + 1] = request[name][index] end
            question[name] = values
        end
    end
    -- An upgrade is the application's, not the gateway's, which has only to know that it is no page.
    if question["upgrade"] then
        question["upgrade"] = nil
        question["x-requested-with"] = { "upgrade" }
    end
    question["x-forwarded-method"] = { txn.f:method() }
    question["x-forwarded-uri"] = { txn.f:pathq() }

    -- Whoever wants a page may be sent to the login page (--login-url).
    local wants_page = request["accept"] and request["accept"][0]:find("text/html", 1, true)
    local response = core.httpclient():get({
        url = gateway .. (wants_page and "/check?redirect=302" or "/check"),
        headers = question,
        timeout = 2000,
    })
    local status = response and response.status or 0
    local headers = response and response.headers or {}

    if status == 204 or status == 200 then
        for _, name in ipairs(identity) do
            if headers[name] then txn.http:req_set_header(name, headers[name][0]) end
        end
        -- What finds no room (tune.maxrewrite) HAProxy leaves out without a word. Nobody is let in as half of somebody.
        local put = txn.http:req_get_headers()
        for _, name in ipairs(identity) do
            if headers[name] and not (put[name] and put[name][0] == headers[name][0]) then return end
        end
        txn:set_var("txn.portcullis", "good")
        return
    end
    -- HAProxy's client says 503 by itself when it gets no answer.
    if status < 300 or (status >= 500 and not headers["retry-after"]) then
        answer(txn, 503, {
            ["content-type"] = { "application/problem+json" }, ["cache-control"] = { "no-store" },
            ["retry-after"] = { "1" },
        }, unavailable)
        return
    end
    local kept = {}
    for _, name in ipairs(passed_on) do
        if headers[name] then kept[name] = { headers[name][0] } end
    end
    answer(txn, status, kept, response.body or "")
end, 0)
