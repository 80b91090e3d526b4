# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Orders in comments."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from reviewtool.lockdoc.comments import Comments, check_comments, read_comment
from reviewtool.lockdoc.model import Document
from reviewtool.lockdoc.vocabulary import Vocabularies
from reviewtool.locking.lockmodel import LockModel
from reviewtool.tree.memory import MemorySnapshot

MakeTree = Callable[[Mapping[str, str]], tuple[MemorySnapshot, tuple[LockModel, ...], Document]]

TREE = """\
Locking order is always:
vm->lock (mutex)
  vcpu->mutex (mutex)
    irq->irq_lock\tmust be taken with interrupts disabled
    a->lock

As the irq_lock might be taken elsewhere, be careful."""

NUMBERED = """\
get_locks: Take them in the proper order.

The proper locking order is:
1. m->a_lock: required to use the pointer
\t\t\tof a guest
2. vm->lock:\tto update it"""


def orders(text: str) -> list[tuple[str, str, int]]:
    found = read_comment("x.c", text, 10).statements
    return [(each.outer.text, each.inner.text, each.line) for each in found if each.outer and each.inner]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (TREE, [("vm->lock", "vcpu->mutex", 12), ("vcpu->mutex", "irq->irq_lock", 13), ("vcpu->mutex", "a->lock", 14)]),
        (NUMBERED, [("m->a_lock", "vm->lock", 15)]),
        ("Locking order\n\n1. vm->srcu - Protects it\n2. vm->mm->lock -- find_vma", [("vm->srcu", "vm->mm->lock", 13)]),
        ("The proper unlocking order is:\n1. m->a_lock\n2. vm->lock", []),
        ("Ordering of locks:\n\n\tvm->lock --> vm->slots_lock", [("vm->lock", "vm->slots_lock", 12)]),
        ("vma_lock is nested under mmap_lock for callbacks.", [("mmap_lock", "vma_lock", 10)]),
        ("vm->lock is held by the caller, which drops vm->slots_lock.", []),
        ("Fields:\nvm->lock\n  vcpu->mutex", []),
    ],
)
def test_the_orders_of_a_comment(text: str, wanted: list[tuple[str, str, int]]) -> None:
    assert orders(text) == wanted


def test_what_an_order_comment_says_and_is_not_understood_is_kept() -> None:
    said = "The lock order here is the usual one.\nWhoever comes late finds vm->lock held.\nIt is warm."
    unread = read_comment("x.c", f"Lock ordering\n\n{said}", 10).unread
    assert [(sentence.line, sentence.text.partition(" ")[0]) for sentence in unread] == [(12, "The"), (13, "Whoever")]
    assert read_comment("x.c", "Whoever comes late finds vm->lock held.", 10).unread == ()


SOURCE = """\
struct mutex { int unused; };
struct vm { struct mutex lock; struct mutex slots_lock; };
struct vgic { struct mutex list_lock; };

/*
 * Lock ordering:
 *   vm->lock
 *     vm->slots_lock
 *       vm->list_lock
 */
void vm_wrong(struct vm *vm)
{
	mutex_lock(&vm->slots_lock);
	mutex_lock(&vm->lock);
	mutex_unlock(&vm->lock);
	mutex_unlock(&vm->slots_lock);
}
"""


def test_a_comment_that_the_code_contradicts_and_a_name_that_moved(tree: MakeTree) -> None:
    _, models, _ = tree({"virt/kvm/main.c": SOURCE})
    found = list(check_comments(Vocabularies().of(models), Comments()))
    assert [(each.rule, each.line) for each in found] == [("doc-unknown-name", 9), ("doc-order-contradicted", 14)]
    assert found[0].message.endswith("it may be vgic->list_lock today")
    assert found[1].document is not None
    assert (found[1].document.path, found[1].document.line) == ("virt/kvm/main.c", 8)
