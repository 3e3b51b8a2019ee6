"""How other session stores lay the same fields out in Redis, from their documentation and source.

connect-redis: one JSON string, `sess:<id>`, no index (it finds a user's sessions by scanning all).
Spring Session's RedisIndexedSessionRepository: a hash of JDK-serialized values, an empty string that
expires, a set of expirations per minute, a set of sessions per principal.
"""

import json
import secrets
import uuid

STREAM = b"\xac\xed\x00\x05"
NUMBER = b"xr\x00\x10java.lang.Number\x86\xac\x95\x1d\x0b\x94\xe0\x8b\x02\x00\x00xp"
LONG = STREAM + b"sr\x00\x0ejava.lang.Long;\x8b\xe4\x90\xcc\x8f#\xdf\x02\x00\x01J\x00\x05value" + NUMBER
INTEGER = STREAM + b"sr\x00\x11java.lang.Integer\x12\xe2\xa0\xa4\xf7\x81\x878\x02\x00\x01I\x00\x05value" + NUMBER


def java(value):
    """A value as java.io.ObjectOutputStream writes it."""
    if isinstance(value, int):
        return LONG + value.to_bytes(8, "big")
    text = (value if isinstance(value, str) else json.dumps(value)).encode()
    return STREAM + b"t" + len(text).to_bytes(2, "big") + text


def connect_redis(fields, now_ms, idle_ms):
    record = {"cookie": {"originalMaxAge": idle_ms, "expires": "2026-01-01T00:00:00.000Z", "secure": True,
                         "httpOnly": True, "path": "/", "sameSite": "lax"},
              "createdAt": now_ms, "lastActivityAt": now_ms, **fields}
    yield "SET", f"sess:{secrets.token_urlsafe(24)}", json.dumps(record), "PX", idle_ms


def spring_session(fields, now_ms, idle_ms):
    identity, space = str(uuid.uuid4()), "spring:session:"
    minute = (now_ms + idle_ms) // 60_000 * 60_000 + 60_000
    values = ["creationTime", java(now_ms), "lastAccessedTime", java(now_ms),
              "maxInactiveInterval", INTEGER + (idle_ms // 1000).to_bytes(4, "big")]
    for name, value in fields.items():
        values += [f"sessionAttr:{name}", java(value)]
    principal = (f"{space}index:org.springframework.session.FindByIndexNameSessionRepository."
                 f"PRINCIPAL_NAME_INDEX_NAME:{fields['userId']}")
    kept = idle_ms + 300_000
    yield "HSET", f"{space}sessions:{identity}", *values
    yield "PEXPIRE", f"{space}sessions:{identity}", kept
    yield "SET", f"{space}sessions:expires:{identity}", "", "PX", idle_ms
    yield "SADD", f"{space}expirations:{minute}", java(f"expires:{identity}")
    yield "PEXPIRE", f"{space}expirations:{minute}", kept
    yield "SADD", principal, java(identity)
