-- Fragment: the live record. Put in where a script says `--@include record`.
--
-- Bytes, counted from 1, numbers big-endian: 1 version, 2 flags (1 remembered, 2 rotated), 3-10 epoch,
-- 11-42 verifier digest; if rotated 43-74 previous digest, 75-82 its grace deadline; then the body: created,
-- authenticated, absolute deadline, idle timeout (8 each, ms), and user, organization, roles, factors, each
-- behind its length in 2 bytes.

-- Returns the parts, or nil when the bytes are no record.
local function parse_record(record)
    if #record < 82 or string.byte(record, 1) ~= 1 then return nil end
    local flags = string.byte(record, 2)
    local parts = { flags = flags, epoch = string.sub(record, 3, 10), current = string.sub(record, 11, 42) }
    if bit.band(flags, 2) ~= 0 then
        if #record < 122 then return nil end
        parts.previous = string.sub(record, 43, 74)
        parts.grace = struct.unpack('>I8', record, 75)
        parts.body = string.sub(record, 83)
    else
        parts.body = string.sub(record, 43)
    end
    return parts
end

local function build_record(parts)
    local rotation = ''
    local flags = parts.flags
    if parts.previous then
        rotation = parts.previous .. struct.pack('>I8', parts.grace)
        flags = bit.bor(flags, 2)
    end
    return string.char(1, flags) .. parts.epoch .. parts.current .. rotation .. parts.body
end

-- 'current', 'grace' or 'reused': what a digest is to the session.
local function judge(parts, digest, now)
    if digest == parts.current then return 'current' end
    if parts.previous and digest == parts.previous and now <= parts.grace then return 'grace' end
    return 'reused'
end
