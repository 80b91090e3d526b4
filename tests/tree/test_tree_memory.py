# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The snapshot for tests and rule examples, and names of odd entries."""

from __future__ import annotations

from reviewtool.tree.listing import Listing
from reviewtool.tree.memory import MemorySnapshot
from reviewtool.tree.model import Snapshot


def test_a_snapshot_in_memory() -> None:
    base: Snapshot = MemorySnapshot({"a.c": "ü\n", "dir/b.c": b"\xff"})
    assert base.number == 0
    assert base.read("a.c") == "ü\n".encode()
    assert base.read("c") is None
    assert base.read_many(["dir/b.c", "c"]) == {"dir/b.c": b"\xff"}
    assert base.identity("c") is None
    assert base.changed() == frozenset()


def test_identity_is_the_blobs_name() -> None:
    """The name of the empty blob is known to every user of git."""
    assert MemorySnapshot({"empty": ""}).identity("empty") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def test_changed_compares_with_the_base() -> None:
    base = MemorySnapshot({"same": "1", "other": "1", "gone": "1"})
    after = MemorySnapshot({"same": "1", "other": "2", "new": "1"}, number=3, base=base)
    assert after.number == 3
    assert after.changed() == {"other", "gone", "new"}


def test_a_listing_holds_regular_files_only() -> None:
    names = ["1" * 40, "2" * 40, "3" * 40, "4" * 40]
    output = (
        f"100644 blob {names[0]}\ta\tb\n.c\0"
        f"120000 blob {names[1]}\tlink\0"
        f"160000 commit {names[2]}\tmodule\0"
        f"100755 blob {names[3]}\trun.sh\0"
    )
    listing = Listing(output.encode())
    assert listing.below("") == ("a\tb\n.c", "run.sh")
    assert listing.name("a\tb\n.c") == names[0]
    assert listing.name("link") is None
    assert len(listing) == 2


def test_names_that_are_not_utf8_are_found() -> None:
    """By bytes, \\xff sorts after the private use area; by code points, before."""
    paths = [b"a", "\ue000".encode(), b"\xff"]
    listing = Listing(b"".join(b"100644 blob %s\t%s\0" % (b"%d" % n * 40, path) for n, path in enumerate(paths)))
    for number, path in enumerate(paths):
        assert listing.name(path.decode("utf-8", "surrogateescape")) == str(number) * 40
