"""Temporal's command-line program is found by the first way that works, and its absence explains itself."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import HOME
from workers.devserver.building import GO_PACKAGE, VERSION, BuildFailed, build_cli, go_version
from workers.devserver.finding import SETTING, TemporalCliMissing, temporal_cli


def a_program(path: Path, says: str = "temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def no_words(_: str) -> None:
    """Hears nothing."""


def no_way_out(folder: Path) -> dict[str, str]:
    """Surroundings with an empty PATH and an empty cache, from which nothing can be fetched."""
    nowhere = "http://127.0.0.1:9"
    return {
        "HOME": str(folder),
        "PATH": str(folder / "bin"),
        "PYTHONPATH": str(HOME),
        "HTTPS_PROXY": nowhere,
        "HTTP_PROXY": nowhere,
        "PIP_NO_INDEX": "1",
    }


def ensure(environ: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "workers.devserver", "ensure"]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_setting_comes_before_path(tmp_path: Path) -> None:
    chosen = a_program(tmp_path / "elsewhere" / "temporal")
    a_program(tmp_path / "bin" / "temporal")
    assert temporal_cli(no_words, {SETTING: str(chosen), "PATH": str(tmp_path / "bin")}) == chosen


def test_a_setting_that_does_not_run_is_an_error_and_not_passed_over(tmp_path: Path) -> None:
    a_program(tmp_path / "bin" / "temporal")
    environ = {SETTING: str(tmp_path / "absent"), "PATH": str(tmp_path / "bin")}
    with pytest.raises(TemporalCliMissing, match=r"SOJOURN_TEMPORAL_CLI names .*/absent, which does not run"):
        temporal_cli(no_words, environ)


def test_path_comes_before_the_cache(tmp_path: Path) -> None:
    found = a_program(tmp_path / "bin" / "temporal")
    a_program(tmp_path / "sojourn" / f"temporal-{VERSION}")
    assert temporal_cli(no_words, {"PATH": str(tmp_path / "bin"), "XDG_CACHE_HOME": str(tmp_path)}) == found


def test_another_program_of_that_name_on_path_is_passed_over(tmp_path: Path) -> None:
    a_program(tmp_path / "bin" / "temporal", says="time flies")
    cached = a_program(tmp_path / ".cache" / "sojourn" / f"temporal-{VERSION}")
    assert temporal_cli(no_words, {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}) == cached


def test_where_no_way_works_each_is_named_with_what_to_do(tmp_path: Path) -> None:
    said, complaint = ensure(no_way_out(tmp_path)).communicate()
    assert said == ""
    for way in ("setting: ", "PATH: ", "cache: ", "download: ", "build: no Go of 1.26.4 or later on PATH, and "):
        assert f"\n  - {way}" in complaint
    assert f"{GO_PACKAGE} cannot be installed" in complaint
    assert complaint.splitlines()[-1].startswith("Install it and put it on PATH, set SOJOURN_TEMPORAL_CLI")


def test_two_processes_do_not_get_it_at_once(tmp_path: Path) -> None:
    cached = tmp_path / ".cache" / "sojourn" / f"temporal-{VERSION}"
    cached.parent.mkdir(parents=True)
    with cached.with_name(f"{cached.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = ensure(no_way_out(tmp_path))
        assert second.stderr is not None
        assert "Another process is getting" in second.stderr.readline()
        a_program(cached)
    assert second.communicate() == (f"Temporal: {cached}\n", "")


def test_a_build_that_fails_says_what_go_said_and_leaves_nothing(tmp_path: Path) -> None:
    go = a_program(tmp_path / "bin" / "go", says="go1.27.0")
    go.write_text(go.read_text() + '[ "$1" = env ] || { echo "module lookup disabled"; exit 1; }\n')
    with pytest.raises(BuildFailed, match="go ended with 1; its last words: module lookup disabled"):
        build_cli(tmp_path / "temporal", {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}, no_words)
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "build.log"}


def test_a_build_ends_with_its_owner_even_if_that_is_killed(tmp_path: Path) -> None:
    go = a_program(tmp_path / "bin" / "go", says="go1.27.0")
    news = tmp_path / "news"
    os.mkfifo(news)
    go.write_text(go.read_text() + f'[ "$1" = env ] || {{ exec sleep 600 > {news}; }}\n')
    build = f"build_cli(Path({str(tmp_path / 'temporal')!r}), {{'PATH': {str(go.parent)!r} + ':/usr/bin:/bin'}}, print)"
    script = f"from pathlib import Path\nfrom workers.devserver.building import build_cli\n{build}"
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL)
    with owner, news.open() as held_open_by_go:
        owner.kill()
        assert held_open_by_go.read() == ""  # comes back once go is gone


@pytest.mark.parametrize(
    ("says", "version"), [("go1.26.8", (1, 26, 8)), ("go1.27rc1", (1, 27)), ("devel", None), ("", None)]
)
def test_a_go_tells_its_version(says: str, version: tuple[int, ...] | None, tmp_path: Path) -> None:
    assert go_version(a_program(tmp_path / "go", says), os.environ) == version


def test_the_pinned_version_is_the_one_in_go_mod() -> None:
    go_mod = (HOME / "workers" / "devserver" / "go.mod").read_text()
    assert f"require github.com/temporalio/cli {VERSION}\n" in go_mod
