"""Tables, the description of the machine, and the file in results/."""

import contextlib
import datetime
import os
import pathlib
import platform
import resource
import shlex
import subprocess
import sys
import time

BENCHMARKS = pathlib.Path(__file__).resolve().parents[2]


def table(header, rows):
    """A Markdown table: the first column to the left, the others to the right."""
    cells = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    align = lambda row: [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))]
    lines = ["| " + " | ".join(align(row)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":"
                                   for i, w in enumerate(widths)) + "|")
    return "\n".join(lines)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def machine():
    model = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), platform.machine())
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    load = os.getloadavg()[0]
    return (f"{model}, {os.cpu_count()} cores, {memory / 1048576:.0f} GiB, Linux {platform.release()}; "
            f"load average before the run {load:.2f}")


def versions():
    wanted = [("redis-server", "--version"), ("nginx", "-v"), ("wrk", "-v")]
    lines = []
    for command in wanted:
        try:
            output = subprocess.run(command, capture_output=True, text=True)
            lines.append((output.stdout + output.stderr).splitlines()[0].strip())
        except (OSError, IndexError):
            lines.append(f"{command[0]} not found")
    return "; ".join(lines)


class Bystanders:
    """How much of the machine programs other than the measured ones took: a noisy run shows itself."""

    def __init__(self):
        self.worst = 0.0

    @contextlib.contextmanager
    def watching(self, *servers):
        before = self._reading(servers)
        yield
        wall, busy, ours = (b - a for a, b in zip(before, self._reading(servers)))
        self.worst = max(self.worst, (busy - ours) / (wall * os.cpu_count()))

    @staticmethod
    def _reading(servers):
        with open("/proc/stat") as stat:
            ticks = [int(word) for word in stat.readline().split()[1:]]
        busy = (ticks[0] + ticks[1] + ticks[2]) / os.sysconf("SC_CLK_TCK")
        usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        own = sum(u.ru_utime + u.ru_stime for u in usage)
        return time.monotonic(), busy, own + sum(server.cpu() for server in servers) / 1e6

    def __str__(self):
        return f"Other programs took at most {max(0.0, self.worst):.0%} of the machine during a measured run."


class Report:
    """Collects Markdown, prints it as it comes, and keeps it under results/<date>-<name>.md."""

    def __init__(self, name, quick):
        self.name, self.quick = name, quick
        self.date = datetime.datetime.now(datetime.timezone.utc)
        self.parts = []
        command = " ".join(["benchmarks/" + name, *map(shlex.quote, sys.argv[1:])])
        self.add(f"# {name}, {self.date:%Y-%m-%d %H:%M} UTC\n\n- machine: {machine()}\n"
                 f"- versions: {versions()}\n- command: `{command}`")

    def add(self, text):
        self.parts.append(text)
        print(text, end="\n\n", flush=True)

    def save(self):
        """A --quick run is no result: it is printed only."""
        if self.quick:
            return
        path = BENCHMARKS / "results" / f"{self.date:%Y-%m-%d}-{self.name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n\n".join(self.parts) + "\n")
        print(f"kept as {path.relative_to(BENCHMARKS.parent)}", file=sys.stderr)
