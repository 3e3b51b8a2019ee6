"""Gateway processes under test and the sessions they serve."""

import json
import os
import pathlib
import secrets
import subprocess
import time
import typing

from .load import fetch_all, request, serialize
from .workspace import cpu_microseconds, free_port, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
COOKIE = "__Host-session_token"


def binary(path=None):
    path = pathlib.Path(path or os.environ.get("PORTCULLIS_BIN", ROOT / ".build/release/portcullis")).resolve()
    if not os.access(path, os.X_OK):
        raise SystemExit(f"{path} is not there: swift build -c release --product portcullis "
                         "--static-swift-stdlib, or set PORTCULLIS_BIN")
    return path


def plain_environment():
    """The environment without settings of the gateway, so that every run has the same."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("PORTCULLIS_", "SESSION_TIMEOUT"))}


class Created(typing.NamedTuple):
    id: str
    token: str


class Gateway:
    """`portcullis serve` on a loopback port of its own; all of a workspace share their keys."""

    def __init__(self, workspace, redis, name="gateway", arguments=(), program=None, interval=0.02):
        self.port = free_port()
        self.name = name
        keys, secret = workspace.directory / "service-keys", workspace.directory / "token-secret"
        if not hasattr(workspace, "service_key"):
            workspace.service_key = self._generate_key(keys)
            secret.write_text(f"1:{secrets.token_hex(32)}\n")
            secret.chmod(0o600)
        self.key = workspace.service_key
        started = time.monotonic()
        self.process = workspace.start(name, [
            binary(program), "serve", "--redis-url", redis.url, "--listen", f"127.0.0.1:{self.port}",
            "--event-loops", "1", "--service-keys-file", keys, "--token-secret-file", secret,
            "--data-dir", workspace.directory / name, *arguments,
        ], plain_environment())
        wait_until(self._ready, name, self.process, interval=interval)
        self.ready_after = time.monotonic() - started

    @staticmethod
    def _generate_key(file):
        output = subprocess.run([binary(), "key", "generate", "--name", "bench", "--scopes",
                                 "check,create,admin"],
                                check=True, capture_output=True, text=True,
                                env=plain_environment()).stdout
        fields = dict(line.split(": ", 1) for line in output.splitlines() if ": " in line)
        file.write_text(fields["line"].strip() + "\n")
        file.chmod(0o600)
        return fields["key"].strip()

    def _ready(self):
        return request(self.port, "GET", "/health/ready", timeout=2)[0] == 200

    @property
    def authorization(self):
        return {"Authorization": f"Bearer {self.key}"}

    def cpu(self):
        return cpu_microseconds(self.process)

    def create(self, count, per_user=1, connections=32):
        """Creates sessions with all fields filled: their ids and tokens, in order."""
        messages = (serialize("POST", "/api/sessions", self.authorization, session(number, per_user))
                    for number in range(count))
        sessions = []
        for status, body in fetch_all(self.port, messages, connections):
            if status not in (200, 201):
                raise SystemExit(f"POST /api/sessions answered {status}: {body[:300]!r}")
            answer = json.loads(body)
            sessions.append(Created(answer["session"]["id"], answer["token"]))
        return sessions


def check_request(token, cookie=COOKIE):
    return serialize("GET", "/check", {"Cookie": f"{cookie}={token}"})


def session(number, per_user=1):
    """The body of a create request as an app would send it after a login."""
    user = number // per_user
    return {
        "userId": f"user-{user:08d}",
        "displayName": f"User Number {user % 100_000}",
        "email": f"user.number.{user % 100_000}@example.com",
        "organization": f"org-{user % 50}",
        "roles": ["member", "editor"],
        "factors": ["password", "otp"],
        "loginMethod": "password",
        "ip": f"203.0.{user // 250 % 250}.{user % 250}",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                     "Chrome/126.0.0.0 Safari/537.36",
    }
