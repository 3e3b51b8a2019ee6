"""wrk, and a small HTTP/1.1 client for what must be answered exactly once each."""

import asyncio
import http.client
import json
import pathlib
import socket
import subprocess

HTTP = pathlib.Path(__file__).resolve().parents[2] / "http"


def wrk(workspace, port, script, arguments, seconds, connections=64, path="/check"):
    """One wrk run. Raises unless every request got an answer below 400."""
    combined = workspace.directory / script
    combined.write_text((HTTP / script).read_text() + (HTTP / "summary.lua").read_text())
    output = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(combined),
         f"http://127.0.0.1:{port}{path}", "--", *map(str, arguments)],
        capture_output=True, text=True, check=True,
    ).stdout
    line = next((line for line in output.splitlines() if line.startswith("JSON ")), None)
    if line is None:
        raise SystemExit(f"wrk said nothing usable:\n{output}")
    result = json.loads(line[5:])
    if result["status"] or result["socket"] or not result["requests"]:
        raise SystemExit(f"wrk against port {port} met wrong answers: {result}")
    return result


def request(port, method, path, headers=None, body=None, timeout=30):
    """One request on a connection of its own: (status, headers, body)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def serialize(method, path, headers, body=None):
    """A whole HTTP/1.1 request as bytes; `body` is an object to be sent as JSON."""
    data = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


async def exchange(reader, writer, message):
    writer.write(message)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    lowered = head.lower()
    start = lowered.find(b"\r\ncontent-length:")
    body = b""
    if start >= 0:
        body = await reader.readexactly(int(lowered[start + 17:lowered.index(b"\r\n", start + 2)]))
    elif b"\r\ntransfer-encoding: chunked" in lowered:
        while True:
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
            body += (await reader.readexactly(size + 2))[:-2]
            if size == 0:
                break
    return status, body


def fetch_all(port, messages, connections=32):
    """Sends every message once over keep-alive connections; answers (status, body) in their order."""
    messages = list(messages)
    answers = [None] * len(messages)
    numbers = iter(range(len(messages)))

    async def worker():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for number in numbers:
                answers[number] = await exchange(reader, writer, messages[number])
        finally:
            writer.close()

    async def everyone():
        await asyncio.gather(*(worker() for _ in range(min(connections, len(messages)))))

    asyncio.run(everyone())
    return answers


class Client:
    """One keep-alive connection whose request and answer are two steps, so that many can be under way."""

    def __init__(self, port):
        self.channel = socket.create_connection(("127.0.0.1", port), 30)
        self.channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.channel.makefile("rb")

    def send(self, message):
        self.channel.sendall(message)

    def receive(self):
        status = int(self.reader.readline()[9:12])
        length = 0
        while (line := self.reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, self.reader.read(length)

    def call(self, message):
        self.send(message)
        return self.receive()
