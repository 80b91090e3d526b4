# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a document forbids, allows, and says to be released before: each is held against the code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from reviewtool.finding.model import Certainty, Finding
from reviewtool.lockdoc.compare import check_document
from reviewtool.lockdoc.model import Document
from reviewtool.locking.lockmodel import LockModel
from reviewtool.tree.memory import MemorySnapshot

MakeTree = Callable[[Mapping[str, str]], tuple[MemorySnapshot, tuple[LockModel, ...], Document]]
Check = Callable[[str, str], list[Finding]]

SOURCE = """\
struct mutex { int unused; };
struct srcu_struct { int unused; };
struct vm { struct mutex lock; struct mutex slots_lock; struct srcu_struct srcu; int slots; };
struct mmu_notifier { struct vm *vm; };
struct mmu_notifier_ops { int (*invalidate_range_start)(struct mmu_notifier *mn); };
struct timer_list { int unused; };

static void vm_swap(struct vm *vm)
{
	mutex_lock(&vm->slots_lock);
	vm->slots++;
	mutex_unlock(&vm->slots_lock);
}

static int vm_range_start(struct mmu_notifier *mn)
{
	NOTIFIER;
	return 0;
}

static const struct mmu_notifier_ops vm_ops = {
	.invalidate_range_start = vm_range_start,
};

void vm_set(struct vm *vm)
{
	int idx;

	mutex_lock(&vm->lock);
	vm_swap(vm);
	mutex_unlock(&vm->lock);
	idx = srcu_read_lock(&vm->srcu);
	READER;
	srcu_read_unlock(&vm->srcu, idx);
	WAITER;
}
"""


def source(notifier: str = "", reader: str = "", waiter: str = "") -> str:
    """The source with these statements."""
    text = SOURCE
    for mark, code in (("NOTIFIER", notifier), ("READER", reader), ("WAITER", waiter)):
        text = text.replace(f"\t{mark};\n", f"\t{code};\n" if code else "")
    return text


@pytest.fixture
def check(tree: MakeTree) -> Check:
    """`check(code, text)`: contradictions of this document."""

    def run(code: str, text: str) -> list[Finding]:
        snapshot, models, document = tree({"virt/kvm/main.c": code, "Documentation/virt/kvm/locking.rst": text})
        found = check_document(models, document, snapshot)
        return [each for each in found if each.rule == "doc-order-contradicted"]

    return run


NOTIFIERS = "- they wait there, so MMU notifiers must not take either vm->lock or vm->slots_lock.\n"


def test_a_context_that_takes_what_is_forbidden_to_it(check: Check) -> None:
    (only,) = check(source(notifier="vm_swap(mn->vm)"), NOTIFIERS)
    assert (only.function, only.certainty, only.locks) == ("vm_range_start", Certainty.LIKELY, ("vm->slots_lock",))
    assert [step.function for step in only.witness] == ["vm_range_start", "vm_swap"]
    assert only.document is not None
    assert only.document.line == 1
    (direct,) = check(source(notifier="mutex_lock(&mn->vm->lock); mutex_unlock(&mn->vm->lock)"), NOTIFIERS)
    assert direct.certainty is Certainty.PROVED


@pytest.mark.parametrize(
    ("text", "notifier"),
    [
        (NOTIFIERS, ""),
        ("- MMU notifiers must not take vm->lock.\n", "vm_swap(mn->vm)"),
        ("- The timer callback must not take vm->slots_lock.\n", "vm_swap(mn->vm)"),
        ("- Whoever comes late must not take vm->slots_lock.\n", "vm_swap(mn->vm)"),
    ],
)
def test_who_is_not_meant_or_does_not_take_it_is_left_alone(check: Check, text: str, notifier: str) -> None:
    assert check(source(notifier=notifier), text) == []


def test_a_function_that_takes_what_is_forbidden_to_it(check: Check) -> None:
    (only,) = check(source(), "- vm_set() must never take vm->slots_lock.\n")
    assert (only.function, only.certainty) == ("vm_set", Certainty.LIKELY)
    assert check(source(), "- vm_range_start() must never take vm->slots_lock.\n") == []


RELEASED = """\
- Unlike vm->slots_lock, vm->lock is released before synchronize_srcu(&vm->srcu).  Therefore vm->lock can be taken
  inside a vm->srcu read-side critical section, while vm->slots_lock cannot.
"""
LOCKED = "mutex_lock(&vm->{0}); mutex_unlock(&vm->{0})"


@pytest.mark.parametrize(
    ("reader", "waiter", "said"),
    [
        ("", "", []),
        (LOCKED.format("lock"), "", []),
        (LOCKED.format("slots_lock"), "", ["vm->slots_lock is taken inside vm->srcu"]),
        ("", "mutex_lock(&vm->lock); mutex_unlock(&vm->lock); synchronize_srcu(&vm->srcu)", []),
        (
            "",
            "mutex_lock(&vm->lock); synchronize_srcu(&vm->srcu); mutex_unlock(&vm->lock)",
            ["vm->srcu is waited for inside vm->lock"],
        ),
        ("", "mutex_lock(&vm->slots_lock); synchronize_srcu(&vm->srcu); mutex_unlock(&vm->slots_lock)", []),
    ],
)
def test_permission_release_before_and_prohibition(check: Check, reader: str, waiter: str, said: list[str]) -> None:
    found = check(source(reader=reader, waiter=waiter), RELEASED)
    assert [each.message.partition(",")[0] for each in found] == said


def test_a_lock_that_is_never_taken_without_another(check: Check) -> None:
    text = "- vm->slots_lock cannot be taken without already holding vm->lock.\n"
    assert check(source(), text) == []
    wrong = "mutex_lock(&vm->slots_lock); mutex_lock(&vm->lock); mutex_unlock(&vm->lock); mutex_unlock(&vm->slots_lock)"
    assert [each.function for each in check(source(waiter=wrong), text)] == ["vm_set"]
