#!/usr/bin/env python3
"""Our Argon2id beside libsodium (PyNaCl) and libargon2 (argon2-cffi), on the same work.

    tests/compare-hash/compare.py [--rounds N]

Makes a Python environment under target/ with the versions of requirements.txt, every file
pinned, and builds our side (`crates/password/benches/times.rs`). All are measured in turn in
one run, round after round, so that what else the machine does falls on each alike. What is
compared is the processor time, user and system, of one hash: the ratio to libsodium within
each round, and its median. Page faults are in it, since the other two take fresh memory for
each hash.

Prints a table in Markdown, with ratios to libsodium, and the conditions under it.
"""

import argparse
import datetime
import importlib.metadata
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
VENV = TARGET / "compare-hash"

# Memory in KiB, passes, lanes, and hashes in one round.
WORK = [
    (19_456, 2, 1, 12),
    (12_288, 3, 1, 12),
    (47_104, 1, 1, 8),
    (65_536, 3, 1, 3),
    (65_536, 3, 4, 3),
]
OURS = ["rempart", "kept", "fresh", "wipe"]
NAMES = {
    "sodium": "libsodium",
    "argon2": "libargon2",
    "rempart": "rempart",
    "kept": "the crate beneath, memory kept, not wiped",
    "fresh": "the crate beneath, fresh memory",
    "wipe": "wiping alone",
}


def environment():
    """Starts again inside the environment, made first if it is not there or not the same."""
    wanted = (HERE / "requirements.txt").read_bytes()
    stamp = VENV / "requirements.txt"
    if not stamp.exists() or stamp.read_bytes() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        subprocess.run(
            [VENV / "bin/pip", "install", "--quiet", "--disable-pip-version-check"]
            + ["--no-deps", "--require-hashes", "--requirement", HERE / "requirements.txt"],
            check=True,
        )
        stamp.write_bytes(wanted)
    python = VENV / "bin/python3"
    if pathlib.Path(sys.prefix) != VENV:
        os.execv(python, [python, __file__, *sys.argv[1:]])


class Ours:
    """Our side, a program that answers questions."""

    def __init__(self):
        command = ["cargo", "bench", "--quiet", "--locked", "--package", "rempart-password"]
        self.process = subprocess.Popen(
            [*command, "--bench", "times", "--", "--serve"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def measure(self, variant, memory, passes, lanes, count):
        print(variant, memory, passes, lanes, count, file=self.process.stdin, flush=True)
        wall, cpu = self.process.stdout.readline().split()
        return int(wall) / count, int(cpu) / count

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


def theirs(name):
    """One hash of another library, or None where it cannot do the work."""
    if name == "sodium":
        from nacl import pwhash

        def hash(memory, passes, lanes):
            pwhash.argon2id.kdf(
                32, b"x" * 16, b"\7" * 16, opslimit=passes, memlimit=memory * 1024
            )

        return lambda memory, passes, lanes: hash if lanes == 1 else None
    from argon2 import Type, low_level

    def hash(memory, passes, lanes):
        low_level.hash_secret_raw(
            b"x" * 16, b"\7" * 16, passes, memory, lanes, 32, Type.ID
        )

    return lambda memory, passes, lanes: hash


def measure_theirs(find, memory, passes, lanes, count):
    work = find(memory, passes, lanes)
    if work is None:
        return None
    work(memory, passes, lanes)
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    for _ in range(count):
        work(memory, passes, lanes)
    return (
        (time.perf_counter_ns() - wall) / count,
        (time.process_time_ns() - cpu) / count,
    )


def cell(cpu, base):
    """The median time of one hash, and the median of its ratios to the base, round by round."""
    ratio = statistics.median(ours / base for ours, base in zip(cpu, base, strict=True))
    return f"{statistics.median(cpu) / 1e6:.1f} ms, {ratio:.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    environment()

    ours = Ours()
    others = {name: theirs(name) for name in ("sodium", "argon2")}
    load = os.getloadavg()
    columns = [*others, *OURS]
    print("| work | " + " | ".join(NAMES[name] for name in columns) + " |")
    print("|-|" + "-:|" * len(columns))
    for work in WORK:
        memory, passes, lanes, _ = work
        found = {name: [] for name in columns}
        for turn in range(rounds):
            # Each comes first in its turn.
            shift = turn % len(columns)
            for name in columns[shift:] + columns[:shift]:
                if name in others:
                    measured = measure_theirs(others[name], *work)
                else:
                    measured = ours.measure(name, *work)
                if measured:
                    found[name].append(measured)
        cpu = {
            name: [cpu for _, cpu in times] for name, times in found.items() if times
        }
        base = cpu.get("sodium", cpu["argon2"])
        cells = [cell(cpu[name], base) if name in cpu else "–" for name in columns]
        shape = f"{memory // 1024} MiB, passes: {passes}, lanes: {lanes}"
        print(f"| {shape} | " + " | ".join(cells) + " |", flush=True)
    ours.end()

    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name in ("pynacl", "argon2-cffi", "argon2-cffi-bindings")
    )
    print(
        f"\nProcessor time of one hash, and its ratio to libsodium's (to libargon2's where that "
        f"has no such lanes): medians of {rounds} rounds; {versions}; Linux "
        f"{platform.release()}, {os.cpu_count()} cores, load {load[0]:.1f} before and "
        f"{os.getloadavg()[0]:.1f} after, {datetime.date.today()}."
    )


if __name__ == "__main__":
    main()
