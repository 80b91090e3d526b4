# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a patch does to a document: locks added, renamed, removed, retyped; orders added and reversed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from reviewtool.finding.model import Finding
from reviewtool.lockdoc.change import check_change, check_step, edges_of
from reviewtool.lockdoc.compare import Agreement
from reviewtool.lockdoc.model import Document
from reviewtool.lockdoc.vocabulary import Vocabularies
from reviewtool.locking.lockmodel import LockModel
from reviewtool.ruleset.model import Severity
from reviewtool.tree.memory import MemorySnapshot

PATH = "Documentation/virt/kvm/locking.rst"
SOURCE = """\
struct mutex { int unused; };
typedef struct spinlock { int unused; } spinlock_t;
struct vm { struct mutex lock; struct mutex b_lock; struct mutex c_lock; int data; };
void vm_both(struct vm *vm)
{
	mutex_lock(&vm->lock);
	mutex_lock(&vm->b_lock);
	vm->data = 1;
	mutex_unlock(&vm->b_lock);
	mutex_unlock(&vm->lock);
}
void vm_single(struct vm *vm)
{
	mutex_lock(&vm->c_lock);
	mutex_unlock(&vm->c_lock);
}
"""
TEXT = """\
Locks
=====

- vm->lock is taken outside vm->b_lock

``vm->lock``
^^^^^^^^^^^^

:Type:		mutex

``vm->b_lock``
^^^^^^^^^^^^^^

:Type:		mutex
:Protects:	vm->data

``vm->c_lock``
^^^^^^^^^^^^^^

:Type:		mutex
"""
MakeTree = Callable[[Mapping[str, str]], tuple[MemorySnapshot, tuple[LockModel, ...], Document]]
Change = Callable[..., list[Finding]]


@pytest.fixture
def change(tree: MakeTree) -> Change:
    """`change(source, text)`: what a patch that makes these of SOURCE and TEXT is told."""

    def run(source: str = SOURCE, text: str = TEXT, before: str = SOURCE) -> list[Finding]:
        old = tree({"virt/kvm/main.c": before, PATH: TEXT})
        new = tree({"virt/kvm/main.c": source, PATH: text})
        return list(check_change(old[1], new[1], old[2], new[2], old[0], new[0]))

    return run


def rules(found: list[Finding]) -> list[str]:
    return [each.rule for each in found]


def test_no_change_has_no_findings(change: Change) -> None:
    assert change() == []


ADDED = SOURCE.replace("int data;", "int data; struct mutex new_lock; int more;") + (
    "void vm_new(struct vm *vm)\n{\n\tmutex_lock(&vm->new_lock);\n\tvm->more = 1;\n\tvm_single(vm);\n"
    "\tmutex_unlock(&vm->new_lock);\n}\n"
)


def test_a_new_lock_without_record(change: Change, make_repository: Any) -> None:
    (only,) = change(ADDED)
    assert (only.rule, only.severity, only.locks) == ("doc-lock-undocumented", Severity.WARNING, ("vm->new_lock",))
    assert "vm->new_lock outside vm->c_lock" in only.message
    repository = make_repository({PATH: TEXT})
    repository.git("apply", "-", stdin=only.suggestion)
    text = (repository.path / PATH).read_text(encoding="utf-8")
    assert ":Protects:\t- vm::more\n" in text
    assert change(ADDED, text) == []


def test_a_renamed_lock_gives_a_hunk_that_renames(change: Change, make_repository: Any) -> None:
    source = SOURCE.replace("c_lock", "cc_lock")
    (only,) = change(source)
    assert only.rule == "doc-unknown-name"
    assert "cc_lock" in only.message
    repository = make_repository({PATH: TEXT})
    repository.git("apply", "-", stdin=only.suggestion)
    assert change(source, (repository.path / PATH).read_text(encoding="utf-8")) == []


def test_a_removed_lock_leaves_its_record_stale(change: Change) -> None:
    source = SOURCE.replace(" struct mutex c_lock;", "").replace("c_lock", "lock")
    assert rules(change(source)) == ["doc-unknown-name"]
    assert change(source, TEXT[: TEXT.index("``vm->c_lock``")]) == []


def test_a_retyped_lock_differs_from_its_record(change: Change) -> None:
    source = SOURCE.replace("struct mutex c_lock;", "spinlock_t c_lock;").replace(
        "mutex_lock(&vm->c", "spin_lock(&vm->c"
    )
    source = source.replace("mutex_unlock(&vm->c", "spin_unlock(&vm->c")
    assert rules(change(source)) == ["doc-record-differs"]
    assert (
        change(
            source, TEXT[: TEXT.index("``vm->c_lock``")] + "``vm->c_lock``\n^^^^^^^^^^^^^^\n\n:Type:\t\tspinlock_t\n"
        )
        == []
    )


REVERSED = """\
void vm_wrong(struct vm *vm)
{
	mutex_lock(&vm->b_lock);
	mutex_lock(&vm->lock);
	mutex_unlock(&vm->lock);
	mutex_unlock(&vm->b_lock);
}
"""


def test_a_reversed_order(change: Change) -> None:
    (only,) = change(SOURCE + REVERSED)
    assert (only.rule, only.function) == ("doc-order-contradicted", "vm_wrong")
    assert change(SOURCE + REVERSED, before=SOURCE + REVERSED) == []


def test_a_new_order_between_documented_locks_without_and_with_a_document_hunk(change: Change) -> None:
    source = SOURCE.replace("\tvm->data = 1;", "\tvm->data = 1;\n\tvm_single(vm);")
    found = change(source)
    assert set(rules(found)) == {"doc-order-missing"}
    assert {each.severity for each in found} == {Severity.WARNING}
    bullet = "- vm->b_lock is taken outside vm->c_lock\n\n"
    assert change(source, TEXT.replace("``vm->lock``", bullet + "``vm->lock``")) == []


def test_an_order_that_a_patch_brings_back_is_no_news(tree: MakeTree) -> None:
    source = SOURCE.replace("\tvm->data = 1;", "\tvm->data = 1;\n\tvm_single(vm);")
    without, whole = (tree({"virt/kvm/main.c": text, PATH: TEXT}) for text in (SOURCE, source))
    known = Vocabularies()
    before, after = (Agreement(known.of(models), document, snap) for snap, models, document in (without, whole))
    assert "doc-order-missing" in rules(list(check_step(before, after)))
    assert rules(list(check_step(before, after, had=edges_of(after.views)))) == []


def test_a_document_hunk_against_the_code(change: Change) -> None:
    text = TEXT.replace("vm->lock is taken outside vm->b_lock", "vm->b_lock is taken outside vm->lock")
    assert rules(change(SOURCE, text)) == ["doc-order-contradicted"]


def test_a_document_hunk_that_drops_an_order_which_the_code_still_has(change: Change) -> None:
    text = TEXT.replace("- vm->lock is taken outside vm->b_lock\n", "- vm->c_lock is taken outside vm->lock\n")
    assert [(each.rule, each.locks) for each in change(SOURCE, text)] == [
        ("doc-order-missing", ("vm->lock", "vm->b_lock"))
    ]
    gone = SOURCE.replace("\tmutex_lock(&vm->b_lock);\n", "").replace("\tmutex_unlock(&vm->b_lock);\n", "")
    assert "doc-order-missing" not in rules(change(gone, text))


def test_a_document_hunk_that_drops_a_lock_which_is_still_there(change: Change) -> None:
    text = TEXT[: TEXT.index("``vm->c_lock``")]
    (only,) = change(SOURCE, text)
    assert (only.rule, only.locks, only.suggestion) == ("doc-lock-undocumented", ("vm->c_lock",), None)
    assert "any more" in only.message


UNTOUCHED = SOURCE.replace("vm->data = 1", "vm->data = 2").replace("void vm_single", "int vm_more;\nvoid vm_single")


@pytest.mark.parametrize(
    "source",
    [
        UNTOUCHED,
        SOURCE + REVERSED,
        ADDED,
        SOURCE.replace("c_lock", "cc_lock"),
        SOURCE.replace(" int data;", ""),
        SOURCE.replace("\tvm->data = 1;\n", "")
        + "void vm_data(struct vm *vm)\n{\n\tvm->data = 1;\n\tvm->data = 2;\n}\n",
    ],
)
def test_what_is_left_alone_would_say_nothing(source: str, change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison that is saved where nothing of the document changed would not have found anything."""
    quick = change(source)
    monkeypatch.setattr(Agreement, "same_as", lambda self, other: False)
    assert change(source) == quick
