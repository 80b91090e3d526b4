# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A repository of our own in a private directory: it borrows the user's objects and keeps what patches make.

Patches are applied here, so that the user's index, refs, hooks, objects and configuration stay out of it. Its own
configuration is all that git sees, and its info/attributes, which outrank the tree's, switch all attributes off.

Only commands that read see the user's objects. Where git writes an object that an alternate has already, it sets the
time of that file, or of a whole pack, to now ("freshening", for the sake of git gc): so the few blobs that patches are
applied to are copied instead.
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
	looseCompression = 0
	fsync = none
[index]
	version = 2
	threads = 1
{extensions}"""

_SUBMODULE = 0o16

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
            _make(self._git, algorithm)
        except OSError as error:
            raise TreeError(f"no private directory for patched files: {error}; is TMPDIR writable?") from None
        self._algorithm = algorithm
        self._width = 32 if algorithm == "sha256" else 20
        self._environment = private_environment(self._git)
        self._reading = dict(self._environment)
        if objects is not None:
            self._reading["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = _quoted(os.fsencode(objects))
        self.reader = BlobReader(self._top, self._reading)

    def ask(self, arguments: Sequence[str], stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a git command that reads: it sees the user's objects, too."""
        return run(arguments, directory=self._work, environment=self._reading, stdin=stdin)

    def _change(self, arguments: Sequence[str], stdin: bytes) -> subprocess.CompletedProcess[bytes]:
        """Run a git command that writes: it sees our own objects only."""
        return run(arguments, directory=self._work, environment=self._environment, stdin=stdin)

    def store(self, content: bytes) -> str:
        """Keep a blob, and return its name."""
        try:
            return write_blob(self._git / "objects", content, self._algorithm)
        except OSError as error:
            raise TreeError(f"no room for private copies of files: {error}; is TMPDIR full?") from None

    def have(self, blob: str) -> bool:
        """Have a blob of the user's at hand for a merge; False if there is none by that (abbreviated) name."""
        try:
            (content,) = self.reader.read([blob], [blob])
        except TreeError:
            return False
        self.store(content)
        return True

    def load(self, entries: Mapping[str, Entry]) -> None:
        """Let the index hold exactly these entries, and have their blobs at hand.

        Raises:
            TreeError: A blob cannot be read.
        """
        blobs = {path: entry.name for path, entry in entries.items() if entry.mode >> 12 != _SUBMODULE}
        for content in self.reader.read(list(blobs.values()), list(blobs)):
            self.store(content)
        self._index.unlink(missing_ok=True)
        lines = [f"{entry.mode:o} {entry.name}\t{path}\0" for path, entry in entries.items()]
        stdin = "".join(lines).encode("utf-8", "surrogateescape")
        result = self._change(["update-index", "-z", "--index-info"], stdin)
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
        result = self._change(["apply", "--cached", "--whitespace=nowarn", "-v", *options, "-"], diff)
        return not result.returncode, result.stderr.decode("utf-8", "replace")

    def close(self) -> None:
        """End git, and remove the directory."""
        self.reader.close()
        self._remove()


def _make(directory: Path, algorithm: str) -> None:
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


def _quoted(path: bytes) -> str:
    """A path in git's C style, in which the list of alternates may hold any byte, the separator included."""
    plain = frozenset(range(32, 127)) - frozenset(b'"\\')
    return '"' + "".join(chr(letter) if letter in plain else f"\\{letter:03o}" for letter in path) + '"'


def _remove(directory: Path, owner: int) -> None:
    """Remove the directory, but not from a forked child: its parent is still using it."""
    if os.getpid() == owner:
        shutil.rmtree(directory, ignore_errors=True)
