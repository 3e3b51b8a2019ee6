"""A temporary directory and the processes started in it; both are gone at exit, however it comes."""

import atexit
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


class Workspace:
    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="portcullis-bench-"))
        self._processes = []
        atexit.register(self.close)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, _: sys.exit(128 + received))

    def start(self, name, command, environment=None):
        """Starts `command` with its output in `<name>.log`; the process ends with this script."""
        log = open(self.directory / f"{name}.log", "wb")
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=self.directory,
        )
        process.log = self.directory / f"{name}.log"
        self._processes.append(process)
        return process

    def stop(self, process):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self._processes:
            self._processes.remove(process)

    def close(self):
        for process in reversed(self._processes[:]):
            self.stop(process)
        shutil.rmtree(self.directory, ignore_errors=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(ready, what, process=None, seconds=10, interval=0.02):
    """Polls `ready` (an OSError counts as not yet); shows the log of a process that has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            log = process.log.read_text(errors="replace")[-2000:]
            raise SystemExit(f"{what} ended with status {process.returncode}:\n{log}")
        try:
            if ready():
                return
        except OSError:
            pass
        time.sleep(interval)
    raise SystemExit(f"{what} was not ready within {seconds} s")


def resident(process):
    """Bytes of a process's anonymous memory that are resident."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon"))


def cpu_microseconds(process):
    """User and system time of all threads of a process (proc(5), fields utime and stime)."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1_000_000 // os.sysconf("SC_CLK_TCK")
