import TestSupport

/// Compares every index entry with the live records, and the counters with the indexes, key by key, from outside.
struct IndexCheck {
    /// Index entries whose live record is gone.
    var orphans: [String] = []
    /// Live records that an index lacks.
    var missing: [String] = []
    /// Keys of a kind that must have a time to live and have none.
    var immortal: [String] = []
    /// Partitions whose counters of users are not what the indexes say.
    var miscounted: [String] = []
    /// Live records.
    var live = 0

    var isClean: Bool { orphans.isEmpty && missing.isEmpty && immortal.isEmpty && miscounted.isEmpty }

    init(_ probe: RedisProbe) throws {
        // One script, so that nothing changes while it looks.
        let script = """
            local orphans, missing, immortal, live = {}, {}, {}, 0
            local users, crowded, miscounted = {}, {}, {}
            for _, key in ipairs(redis.call('KEYS', 'pc:{*}:*')) do
                local base, kind = string.match(key, '^(pc:{%d+}:)(%a+)')
                if kind == 'u' then
                    users[base] = (users[base] or 0) + 1
                    if redis.call('ZCARD', key) > 5 then crowded[base] = (crowded[base] or 0) + 1 end
                end
                if kind == 'all' or kind == 'due' or kind == 'u' then
                    for _, sid in ipairs(redis.call('ZRANGE', key, 0, -1)) do
                        if redis.call('EXISTS', base .. 's:' .. sid) == 0 then
                            orphans[#orphans + 1] = key .. ' ' .. sid
                        end
                    end
                elseif kind == 's' then
                    live = live + 1
                    local sid = string.sub(key, #base + 3)
                    local details = redis.call('GET', base .. 'm:' .. sid)
                    local user = details and string.match(details, '^%["([^"]+)"')
                    for _, index in ipairs({ 'all', 'due', 'u:' .. (user or '?') }) do
                        if not redis.call('ZSCORE', base .. index, sid) then
                            missing[#missing + 1] = base .. index .. ' ' .. sid
                        end
                    end
                    if redis.call('PTTL', key) < 0 then immortal[#immortal + 1] = key end
                elseif kind == 'm' or kind == 'j' or kind == 'a' then
                    if redis.call('PTTL', key) < 0 then immortal[#immortal + 1] = key end
                    if kind == 'j' and redis.call('EXISTS', base .. 's:' .. string.sub(key, #base + 3)) == 0 then
                        orphans[#orphans + 1] = key
                    end
                end
            end
            for partition = 0, 255 do
                local base = 'pc:{' .. partition .. '}:'
                local told = redis.call('HMGET', base .. 'n', 'users', 'crowded')
                local counted = { users[base] or 0, crowded[base] or 0 }
                for index = 1, 2 do
                    if tonumber(told[index] or '0') ~= counted[index] then
                        miscounted[#miscounted + 1] = base .. index .. ': ' .. tostring(told[index]) .. ' for ' .. counted[index]
                    end
                end
            end
            return { orphans, missing, immortal, live, miscounted }
            """
        guard case .array(let parts) = try probe.run("EVAL", script, "0"), parts.count == 5 else {
            throw UnexpectedReply()
        }
        orphans = parts[0].strings
        missing = parts[1].strings
        immortal = parts[2].strings
        live = parts[3].integer ?? 0
        miscounted = parts[4].strings
    }

    struct UnexpectedReply: Error {}
}

extension RedisProbe {
    /// What Redis holds of a session by its public id: keys and index entries. Empty once it has ended, but for the
    /// details, which are history.
    func traces(of id: String) throws -> [String] {
        let script = """
            local found = {}
            for _, kind in ipairs({ 's:', 'j:' }) do
                if redis.call('EXISTS', ARGV[1] .. kind .. ARGV[2]) == 1 then found[#found + 1] = kind end
            end
            for _, key in ipairs(redis.call('KEYS', ARGV[1] .. 'u:*')) do
                if redis.call('ZSCORE', key, ARGV[2]) then found[#found + 1] = key end
            end
            for _, kind in ipairs({ 'all', 'due' }) do
                if redis.call('ZSCORE', ARGV[1] .. kind, ARGV[2]) then found[#found + 1] = kind end
            end
            return found
            """
        let partition = Int(id.prefix(4), radix: 16) ?? 0
        return try run("EVAL", script, "0", "pc:{\(partition)}:", String(id.dropFirst(4))).strings
    }
}
