"""The nginx peers of http-check, each one a single process with its own configuration."""

import pathlib
import socket

from .workspace import cpu_microseconds, free_port, wait_until

HTTP = pathlib.Path(__file__).resolve().parents[2] / "http"


class Nginx:
    def __init__(self, workspace, name, handler, redis, cookie, idle_ms):
        """`handler` is "return 204" or the name of a file in http/lua."""
        directory = workspace.directory / name
        directory.mkdir()
        self.port = free_port()
        if handler.endswith(".lua"):
            handler = f"content_by_lua_file {HTTP}/lua/{handler}"
        words = {
            "DIR": directory, "LUA": HTTP / "lua", "REDIS": redis.socket, "COOKIE": cookie,
            "IDLE_MS": idle_ms, "CACHE_SECONDS": 1, "PORT": self.port, "HANDLER": handler + ";",
        }
        text = (HTTP / "nginx.conf").read_text()
        for word, value in words.items():
            text = text.replace(f"@{word}@", str(value))
        configuration = directory / "nginx.conf"
        configuration.write_text(text)
        self.process = workspace.start(
            name, ["nginx", "-e", directory / "error.log", "-p", "/usr/share/nginx", "-c", configuration])
        wait_until(self._listens, name, self.process)

    def _listens(self):
        socket.create_connection(("127.0.0.1", self.port), 1).close()
        return True

    def cpu(self):
        return cpu_microseconds(self.process)
