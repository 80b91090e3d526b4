# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Suggested hunks look like the document and apply with git."""

from __future__ import annotations

from typing import Any

import pytest

from reviewtool.lockdoc.document import read_document
from reviewtool.lockdoc.hunk import LockFacts, record_hunk, rename_hunk

PATH = "Documentation/locking.rst"
TABS = """\
Orders
------

- a_lock is taken outside b_lock, though
  that is rare

On x86:

- a_lock is taken outside c_lock

Records
-------

``a_lock``
^^^^^^^^^^

:Type:\t\tmutex
:Arch:\t\tany
:Protects:\t- things
"""
SPACES = """\
a_lock
~~~~~~
:Type:          mutex
:Protects:      things

Elsewhere
---------

More text.
"""


def applied(make_repository: Any, text: str, hunk: str) -> str:
    repository = make_repository({PATH: text})
    repository.git("apply", "-", stdin=hunk)
    result: str = (repository.path / PATH).read_text(encoding="utf-8")
    return result


def lock(**more: Any) -> LockFacts:
    return LockFacts(name="vm->new_lock", type="mutex", arch="any", protects=("vm::x", "y"), **more)


def test_a_record_and_an_order_in_the_documents_style(make_repository: Any) -> None:
    document = read_document(PATH, TABS)
    hunk = record_hunk(document, lock(comment="Needed. " * 12, orders=(("vm->new_lock", "a_lock"),)))
    after = applied(make_repository, TABS, hunk)
    assert "  that is rare\n\n- vm->new_lock is taken outside a_lock\n\nOn x86:\n" in after
    tail = after[after.index("``vm->new_lock``") :].split("\n")
    assert tail[:6] == ["``vm->new_lock``", "^" * 16, "", ":Type:\t\tmutex", ":Arch:\t\tany", ":Protects:\t- vm::x"]
    assert tail[6] == "\t\t- y"
    assert tail[7].startswith(":Comment:\tNeeded. Needed.")
    assert all(len(line.expandtabs()) <= 80 for line in tail)
    (_, record) = read_document(PATH, after).records
    assert record.entries["protects"].text == "- vm::x\n- y"


def test_an_order_of_one_architecture_goes_into_its_list(make_repository: Any) -> None:
    document = read_document(PATH, TABS)
    after = applied(make_repository, TABS, record_hunk(document, lock(orders=(("x", "y"),), worlds=("x86",))))
    assert "c_lock\n\n- x is taken outside y\n\nRecords" in after


def test_another_style(make_repository: Any) -> None:
    after = applied(make_repository, SPACES, record_hunk(read_document(PATH, SPACES), lock()))
    assert "things\n\nvm->new_lock\n~~~~~~~~~~~~\n:Type:          mutex\n" in after
    assert after.endswith("\nElsewhere\n---------\n\nMore text.\n")


@pytest.mark.parametrize("text", [TABS, TABS.rstrip("\n"), TABS + "\n\n"])
def test_it_applies_whatever_the_end_of_the_file(make_repository: Any, text: str) -> None:
    assert "``vm->new_lock``" in applied(make_repository, text, record_hunk(read_document(PATH, text), lock()))


def test_a_renamed_name_keeps_its_heading_underlined(make_repository: Any) -> None:
    after = applied(make_repository, TABS, rename_hunk(read_document(PATH, TABS), "a_lock", "longer_lock"))
    assert "``longer_lock``\n^^^^^^^^^^^^^^^\n" in after
    assert "a_lock" not in after.replace("longer_lock", "")


def test_a_document_without_a_place_for_it_gets_no_hunk() -> None:
    assert record_hunk(read_document(PATH, "Nothing here.\n"), lock()) == ""
