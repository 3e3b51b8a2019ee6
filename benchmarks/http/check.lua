-- wrk script: GET /check with preloaded tokens in rotation.
-- Arguments after "--": file with one token a line, cookie name, shape ("plain" or "browser").

local browser_headers = table.concat({
    "X-Forwarded-For: 203.0.113.24",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: app.example.com",
    "X-Forwarded-Method: GET",
    "X-Forwarded-Uri: /projects/482/board?view=week&assignee=me",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.9,de;q=0.7",
    "Accept-Encoding: gzip, deflate, br",
    "Referer: https://app.example.com/projects/482",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Dest: document",
}, "\r\n")
local cookies_before = "_ga=GA1.2.1482047511.1718273645; theme=dark; locale=en-GB; "
local cookies_after = "; csrf_token=Zk3vT0qXrB1mJw8sPq7yLh2NcD5fGa9e; consent=analytics%3D0%26ads%3D0"

local requests, count, position = {}, 0, 0

function init(arguments)
    local cookie, shape = arguments[2], arguments[3]
    local host = "Host: " .. wrk.host .. ":" .. wrk.port
    for token in io.lines(arguments[1]) do
        local own = cookie .. "=" .. token
        local lines
        if shape == "browser" then
            lines = { "GET /check HTTP/1.1", "Host: app.example.com", browser_headers,
                      "Cookie: " .. cookies_before .. own .. cookies_after }
        else
            lines = { "GET /check HTTP/1.1", host, "Cookie: " .. own }
        end
        count = count + 1
        requests[count] = table.concat(lines, "\r\n") .. "\r\n\r\n"
    end
end

function request()
    position = position % count + 1
    return requests[position]
end
