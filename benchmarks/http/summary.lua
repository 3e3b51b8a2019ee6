-- Appended to every wrk script: the figures as one line of JSON, times in microseconds.
function done(summary, latency, requests)
    local e = summary.errors
    io.write(string.format(
        'JSON {"requests":%d,"duration":%d,"p50":%d,"p99":%d,"max":%d,"status":%d,"socket":%d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
        e.status, e.connect + e.read + e.write + e.timeout))
end
