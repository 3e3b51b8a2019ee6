"""Takes down what creating sessions sends to Redis, and sends it again without the gateway."""

import re
import subprocess
import threading
import time

from .resp import encode

LINE = re.compile(rb"^[0-9.]+ \[\d+ ([^\]]+)\] (.*)$", re.DOTALL)
WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"')
ESCAPE = re.compile(rb"\\(x[0-9a-f]{2}|.)", re.DOTALL)
CALLS = (b"EVALSHA", b"FCALL", b"EVAL")
NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}


def words(text):
    """The arguments of a MONITOR line, with sdscatrepr's escapes undone."""
    unescape = lambda m: bytes([int(m[1][1:], 16)]) if len(m[1]) == 3 else NAMED.get(m[1], m[1])
    return [ESCAPE.sub(unescape, word) for word in WORD.findall(text)]


class Monitor:
    """Collects MONITOR's lines while its block runs."""

    def __init__(self, redis):
        self.redis, self.lines = redis, []

    def __enter__(self):
        self.connection = self.redis.connect()
        self.connection.call("MONITOR")
        self.thread = threading.Thread(target=self._collect, daemon=True)
        self.thread.start()
        return self

    def _collect(self):
        while True:
            line = self.connection.read()
            if b'"portcullis-bench-end"' in line:
                return
            self.lines.append(line)

    def __exit__(self, *_):
        end = self.redis.connect()
        end.call("ECHO", "portcullis-bench-end")
        end.close()
        self.thread.join(60)
        # A client that monitors would cost Redis more than what is measured afterwards.
        self.connection.close()


def creations(lines, writes):
    """[(script call, [its raw writes])] of the script that occurs most; `writes` are command names."""
    calls = []
    for line in lines:
        match = LINE.match(line)
        if match is None:
            continue
        command = words(match[2])
        name = command[0].upper()
        if match[1] == b"lua":
            if calls and (name in writes or name in (b"PUBLISH", b"SPUBLISH")):
                calls[-1][1].append(command)
        elif name in CALLS:
            calls.append((command, []))
        elif calls and calls[-1][0] is not None:
            calls.append((None, []))
    calls = [call for call in calls if call[0] is not None]
    counts = {}
    for command, _ in calls:
        counts[command[1]] = counts.get(command[1], 0) + 1
    most = max(counts, key=counts.get, default=None)
    return [call for call in calls if call[0][1] == most]


def write_commands(connection):
    """Names of all commands that Redis flags as writing."""
    return {entry[0].upper() for entry in connection.call("COMMAND") if b"write" in entry[2]}


class Setting:
    """The keys that were there before the first session, to be put back before each replay."""

    def __init__(self, connection):
        self.keys = [(key, connection.call("DUMP", key), max(0, connection.call("PTTL", key)))
                     for key in connection.call("KEYS", "*")]

    def restore(self, connection):
        connection.call("FLUSHALL", "SYNC")
        connection.pipeline(("RESTORE", key, ttl, data) for key, data, ttl in self.keys)


def dated(command, now_ms):
    """A script call with its times (13 digits) shifted so that the earliest is `now_ms`.

    Scripts refuse what comes with a time that is seconds off Redis's clock.
    """
    times = [int(word) for word in command if len(word) == 13 and word.isdigit()]
    if not times or command[0].upper() not in CALLS:
        return command
    shift = now_ms - min(times)
    return [b"%d" % (int(word) + shift) if len(word) == 13 and word.isdigit() else word for word in command]


def pipe(redis, commands, file):
    """Sends `commands` in one stream by redis-cli --pipe: (seconds, Redis CPU in microseconds)."""
    started = time.time()
    # Encoding takes a while; the stream is sent when its times have come.
    due = started + 1 + len(commands) / 25_000
    file.write_bytes(b"".join(encode(*dated(command, int(due * 1000))) for command in commands))
    time.sleep(max(0, due - 1 - time.time()))
    before, started = redis.cpu(), time.perf_counter()
    with open(file, "rb") as stream:
        output = subprocess.run(["redis-cli", "-s", str(redis.socket), "--pipe"], stdin=stream,
                                capture_output=True, text=True, check=True).stdout
    elapsed = time.perf_counter() - started
    if "errors: 0" not in output:
        raise SystemExit(f"replay met errors: {output}")
    return elapsed, redis.cpu() - before
