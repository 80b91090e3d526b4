# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What every test gets: a home of its own, no network, fixed time zone; and helpers that make git repositories."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TOP = Path(__file__).resolve().parent.parent
"""The top of the checkout."""

_REAL_HOME = Path.home()
_DATES = "2026-01-05T12:00:00Z"
_DEVELOPER = ("-c", "user.name=A Developer", "-c", "user.email=developer@example.org")
_LOOPBACK = ("127.", "::1", "localhost")
_FOREIGN_PREFIXES = ("GIT_", "B4_", "REVIEWTOOL_", "LORE")
_KEPT = ("REVIEWTOOL_SHARED", "REVIEWTOOL_REQUIRE", "REVIEWTOOL_UPDATE_GOLDENS")


class NetworkRefusedError(OSError):
    """A test tried to reach something that is not on this machine."""


@pytest.fixture(autouse=True)
def isolated_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty HOME with the XDG directories in it, git without the user's or the system's configuration, TZ=UTC."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(_FOREIGN_PREFIXES) and name not in _KEPT:
            monkeypatch.delenv(name)
    monkeypatch.setenv("KERNEL_TREE_CACHE", os.environ.get("KERNEL_TREE_CACHE", str(_REAL_HOME / ".cache/kernel-tree")))
    monkeypatch.setenv("HOME", str(home))
    for name, folder in (("CACHE", "cache"), ("CONFIG", "config"), ("DATA", "data"), ("STATE", "state")):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / folder))
    configuration = home / "gitconfig"
    configuration.write_text(
        "[user]\n\tname = A Tester\n\temail = tester@example.org\n"
        "[init]\n\tdefaultBranch = main\n[commit]\n\tgpgsign = false\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    monkeypatch.setenv("GIT_AUTHOR_DATE", _DATES)
    monkeypatch.setenv("GIT_COMMITTER_DATE", _DATES)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for name in ("NO_COLOR", "FORCE_COLOR", "PAGER", "EDITOR", "VISUAL"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that leave the machine fail at once, here and (through dead proxies) in programs that are started."""
    connect, connect_ex, lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(address: object) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if isinstance(host, str) and not host.startswith(_LOOPBACK):
            raise NetworkRefusedError(f"a test may not reach {host}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return connect_ex(self, address)

    def guarded_lookup(host: Any, *rest: Any, **options: Any) -> Any:
        check((host.decode() if isinstance(host, bytes) else host,))
        return lookup(host, *rest, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_lookup)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1,localhost,::1")


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository of a test."""

    path: Path

    def git(self, *words: str, stdin: str | None = None) -> str:
        """Run git in it; its standard output without the last line end. Raises CalledProcessError."""
        done = subprocess.run(
            ["git", "-C", str(self.path), *words], check=True, capture_output=True, text=True, input=stdin
        )
        return done.stdout.removesuffix("\n")

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files of the work tree by their relative path; None removes one."""
        for name, content in files.items():
            place = self.path / name
            if content is None:
                place.unlink()
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: Mapping[str, str | bytes | None] | None = None, message: str = "change") -> str:
        """Write the files, commit everything, and return the commit's object name."""
        self.write(files or {})
        self.git("add", "-A", "-f")
        self.git(*_DEVELOPER, "commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


RepositoryMaker = Callable[..., Repository]


@pytest.fixture
def make_repository(tmp_path: Path) -> RepositoryMaker:
    """`make_repository(files, name="tree")`: a new repository under tmp_path with one commit of these files."""

    def make(files: Mapping[str, str | bytes | None] | None = None, name: str = "tree") -> Repository:
        path = tmp_path / name
        path.mkdir(parents=True)
        repository = Repository(path)
        repository.git("init", "-q", "-b", "main")
        repository.commit(files, "base")
        return repository

    return make


@pytest.fixture
def sample_threads() -> Path:
    """The directory of the sample threads."""
    return TOP / "sample-threads"


@pytest.fixture
def sample_repository(
    make_repository: RepositoryMaker, sample_threads: Path
) -> Callable[[str], tuple[Path, Repository]]:
    """`sample_repository("story")`: the sample's mbox, and a repository at the base-commit that its mails name."""

    def make(name: str) -> tuple[Path, Repository]:
        files = sample_threads / name / "tree"
        repository = make_repository(
            {str(path.relative_to(files)): path.read_bytes() for path in files.rglob("*") if path.is_file()}, name
        )
        return sample_threads / name / "thread.mbox", repository

    return make


@pytest.fixture
def shared() -> Path:
    """The directory with the kernel trees and the cases: $REVIEWTOOL_SHARED, else `shared` beside the checkout."""
    return require(Path(os.environ.get("REVIEWTOOL_SHARED", TOP.parent / "shared")), "the shared directory")


@pytest.fixture
def kernel_tree(shared: Path) -> Callable[[str], Path]:
    """`kernel_tree("6.1")`: a git repository with real kernel source. Mark such tests with `kernel_tree`."""

    def find(version: str) -> Path:
        made = subprocess.run([shared / "kernel-tree", version], capture_output=True, text=True)
        lines = made.stdout.split()
        return require(Path(lines[-1] if lines else "/nonexistent"), f"kernel source {version}")

    return find


def require(path: Path, what: str) -> Path:
    """The path if it exists; else the test is skipped, or fails where $REVIEWTOOL_REQUIRE is set."""
    if path.exists():
        return path
    if os.environ.get("REVIEWTOOL_REQUIRE"):
        pytest.fail(f"{what} is missing: {path}")
    pytest.skip(f"{what} is not here")
