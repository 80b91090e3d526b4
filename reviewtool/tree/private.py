# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A repository of our own in a private directory: it borrows the user's objects and keeps what patches make.

Patches are applied here, so that the user's index, refs, hooks, objects and configuration stay out of it. Its own
configuration is all that git sees, and its info/attributes, which outrank the tree's, switch all attributes off.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path

from reviewtool.tree.content import write_blob
from reviewtool.tree.error import TreeError
from reviewtool.tree.git import complaint_of, private_environment, run
from reviewtool.tree.index import parse_index
from reviewtool.tree.listing import Entry
from reviewtool.tree.reader import BlobReader

_CONFIGURATION = """\
[core]
	repositoryformatversion = {version}
	bare = true
	attributesFile = /dev/null
	autocrlf = false
	safecrlf = false
	splitIndex = false
	looseCompression = 1
	fsync = none
[index]
	version = 2
	threads = 1
{extensions}"""

_ATTRIBUTES = "* merge=text -text -ident -filter !eol !working-tree-encoding !diff !whitespace !conflict-marker-size\n"


class PrivateRepository:
    """The private repository. Close it, or let it be collected: its directory is removed.

    Args:
        objects: The user's object directory to borrow from, None to start empty.
        algorithm: `sha1` or `sha256`, as the user's repository has it.

    Raises:
        TreeError: No private directory can be made.
    """

    def __init__(self, objects: Path | None = None, algorithm: str = "sha1") -> None:
        try:
            self._top = Path(tempfile.mkdtemp(prefix="reviewtool-"))
            self._remove = weakref.finalize(self, _remove, self._top, os.getpid())
            self._git = self._top / "git"
            self._index = self._git / "index"
            self._work = self._top / "work"
            self._work.mkdir()
            _make(self._git, objects, algorithm)
        except OSError as error:
            raise TreeError(f"no private directory for patched files: {error}; is TMPDIR writable?") from None
        self._width = 32 if algorithm == "sha256" else 20
        self._environment = private_environment(self._git)
        self.reader = BlobReader(self._top, self._environment)

    def git(self, arguments: Sequence[str], stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run git on the private repository, in an empty directory."""
        return run(arguments, directory=self._work, environment=self._environment, stdin=stdin)

    def store(self, content: bytes) -> str:
        """Keep a blob, and return its name."""
        try:
            return write_blob(self._git / "objects", content)
        except OSError as error:
            raise TreeError(f"no room for private copies of files: {error}; is TMPDIR full?") from None

    def load(self, entries: Mapping[str, Entry]) -> None:
        """Let the index hold exactly these entries."""
        self._index.unlink(missing_ok=True)
        lines = [f"{entry.mode:o} {entry.name}\t{path}\0" for path, entry in entries.items()]
        stdin = "".join(lines).encode("utf-8", "surrogateescape")
        result = self.git(["update-index", "-z", "--index-info"], stdin)
        if result.returncode:
            raise TreeError(f"git could not make a private index: {complaint_of(result.stderr)}")

    def save(self) -> bytes:
        """The index as it is, for `restore`."""
        try:
            return self._index.read_bytes()
        except FileNotFoundError:
            return b""

    def restore(self, saved: bytes) -> None:
        """Bring back an index that `save` returned."""
        if saved:
            self._index.write_bytes(saved)
        else:
            self._index.unlink(missing_ok=True)

    def entries(self) -> dict[str, Entry]:
        """What the index holds, without what is in conflict."""
        return parse_index(self.save(), self._width)

    def apply(self, diff: bytes, *options: str) -> tuple[bool, str]:
        """Apply a diff to the index: whether git could, and what it said."""
        result = self.git(["apply", "--cached", "--whitespace=nowarn", "-v", *options, "-"], diff)
        return not result.returncode, result.stderr.decode("utf-8", "replace")

    def close(self) -> None:
        """End git, and remove the directory."""
        self.reader.close()
        self._remove()


def _make(directory: Path, objects: Path | None, algorithm: str) -> None:
    """What `git init --bare` makes, less templates, in a millisecond."""
    for part in ("objects/info", "objects/pack", "refs", "info"):
        (directory / part).mkdir(parents=True)
    (directory / "HEAD").write_text("ref: refs/heads/private\n")
    sha256 = algorithm == "sha256"
    configuration = _CONFIGURATION.format(
        version=int(sha256), extensions="[extensions]\n\tobjectFormat = sha256\n" if sha256 else ""
    )
    (directory / "config").write_text(configuration)
    (directory / "info/attributes").write_text(_ATTRIBUTES)
    if objects is not None:
        (directory / "objects/info/alternates").write_bytes(_quoted(os.fsencode(objects)) + b"\n")


def _quoted(path: bytes) -> bytes:
    """A path in git's C style, with which the file of alternates may hold any byte."""
    return b'"' + b"".join(bytes([c]) if 32 <= c < 127 and c not in b'"\\\\' else b"\\%03o" % c for c in path) + b'"'


def _remove(directory: Path, owner: int) -> None:
    """Remove the directory, but not from a forked child: its parent is still using it."""
    if os.getpid() == owner:
        shutil.rmtree(directory, ignore_errors=True)
