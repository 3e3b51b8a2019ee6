"""A private redis-server on a unix socket, and a raw RESP2 client that can pipeline."""

import socket

from .workspace import cpu_microseconds, wait_until


class Redis:
    def __init__(self, workspace, name="redis", append_only=False, arguments=()):
        self.socket = workspace.directory / f"{name}.sock"
        data = workspace.directory / name
        data.mkdir()
        self.process = workspace.start(name, [
            "redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", data, "--save", "",
            "--appendonly", "yes" if append_only else "no", "--maxmemory-policy", "noeviction",
            *arguments,
        ])
        wait_until(lambda: self.connect().call("PING") == b"PONG", name, self.process)

    @property
    def url(self):
        return f"unix://{self.socket}"

    def connect(self):
        return Connection(str(self.socket))

    def cpu(self):
        return cpu_microseconds(self.process)


class RedisError(Exception):
    pass


def encode(*words):
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


class Connection:
    def __init__(self, path):
        self.channel = socket.socket(socket.AF_UNIX)
        self.channel.connect(path)
        self.reader = self.channel.makefile("rb", buffering=1 << 16)

    def close(self):
        self.reader.close()
        self.channel.close()

    def call(self, *words):
        self.channel.sendall(encode(*words))
        return self.read()

    def pipeline(self, commands):
        """One write, all the replies; an error reply is raised."""
        commands = list(commands)
        self.channel.sendall(b"".join(encode(*words) for words in commands))
        return [self.read() for _ in commands]

    def read(self):
        line = self.reader.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.reader.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        raise RedisError(rest.decode(errors="replace"))

    def info(self, section):
        text = self.call("INFO", section).decode()
        return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
