# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A document against the code of a small tree: what drifts is reported, what is right is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from reviewtool.finding.model import Certainty, Finding
from reviewtool.lockdoc.compare import check_document
from reviewtool.lockdoc.model import Document
from reviewtool.locking.lockmodel import LockModel
from reviewtool.ruleset.model import Severity
from reviewtool.tree.memory import MemorySnapshot

Tree = tuple[MemorySnapshot, tuple[LockModel, ...], Document]
MakeTree = Callable[[Mapping[str, str]], Tree]

HEADER = """\
#ifndef VM_H
#define VM_H
struct mutex { int unused; };
typedef struct spinlock { int unused; } spinlock_t;
typedef struct raw_spinlock { int unused; } raw_spinlock_t;
#include <asm/kvm_host.h>
struct vm {
	struct mutex lock;
	struct mutex slots_lock;
	spinlock_t mmu_lock;
	struct vm_arch arch;
	int users;
	int slots;
};
struct vm_vcpu {
	struct mutex mutex;
	struct vm *vm;
	int ____state;
};
extern struct mutex vm_list_lock;
extern int vm_count;
#endif
"""

ARCH = "struct vm_arch { raw_spinlock_t tsc_lock; int tsc; };\n"

MAIN = """\
#include <linux/kvm_host.h>
DEFINE_MUTEX(vm_list_lock);
int vm_count;
static int vm_unrelated;

void vm_attach(struct vm *vm, struct vm_vcpu *vcpu)
{
	mutex_lock(&vm->lock);
	mutex_lock(&vcpu->mutex);
	vm->users++;
	mutex_unlock(&vcpu->mutex);
	mutex_lock(&vm->slots_lock);
	vm->slots++;
	mutex_unlock(&vm->slots_lock);
	mutex_unlock(&vm->lock);
}

void vm_register(struct vm *vm)
{
	mutex_lock(&vm_list_lock);
	vm_count++;
	mutex_unlock(&vm_list_lock);
}

void vm_wakeup_on_all(struct vm *vm)
{
	vm_unrelated = 1;
}

int vm_look(struct vm *vm)
{
	vm_wakeup_on_all(vm);
	return vm_unrelated;
}

void vm_flush(struct vm *vm)
{
	spin_lock(&vm->mmu_lock);
	vm->users--;
	spin_unlock(&vm->mmu_lock);
}
"""

X86 = """\
#include <linux/kvm_host.h>
void vm_write_tsc(struct vm *vm)
{
	raw_spin_lock(&vm->arch.tsc_lock);
	vm->arch.tsc = 1;
	raw_spin_unlock(&vm->arch.tsc_lock);
}
"""

RECORDS = """
Reference
---------

``vm_list_lock``
^^^^^^^^^^^^^^^^

:Type:		mutex
:Arch:		any
:Protects:	- vm_count

``vm->lock``
^^^^^^^^^^^^

:Type:		mutex
:Arch:		any
:Protects:	- vm->users

``vm->slots_lock``
^^^^^^^^^^^^^^^^^^

:Type:		mutex
:Arch:		any
:Protects:	- vm->slots

``vcpu->mutex``
^^^^^^^^^^^^^^^

:Type:		mutex
:Arch:		any
:Protects:	- what a vcpu does

``vm->mmu_lock``
^^^^^^^^^^^^^^^^

:Type:		spinlock_t
:Arch:		any
:Protects:	- shadow pages

``vm_arch::tsc_lock``
^^^^^^^^^^^^^^^^^^^^^

:Type:		raw_spinlock_t
:Arch:		x86
:Protects:	- vm_arch::{tsc}
"""

ORDERS = "- vm->lock is taken outside vcpu->mutex and vm->slots_lock\n\n"
LEAF = "Everything else is a leaf: no other lock is taken inside the critical sections.\n"


def files(orders: str = ORDERS, records: str = RECORDS, main: str = MAIN) -> dict[str, str]:
    return {
        "include/linux/kvm_host.h": HEADER,
        "arch/x86/include/asm/kvm_host.h": ARCH,
        "virt/kvm/main.c": main,
        "arch/x86/kvm/tsc.c": X86,
        "arch/arm64/include/asm/kvm_host.h": "struct vm_arch { int nothing; };\n",
        "arch/arm64/kvm/nothing.c": "#include <linux/kvm_host.h>\nint vm_arm;\n",
        "Documentation/virt/kvm/locking.rst": f"Locks\n=====\n\n{orders}{LEAF}{records}",
    }


@pytest.fixture
def found(tree: MakeTree) -> Callable[[Mapping[str, str]], list[Finding]]:
    """The findings of a tree."""

    def find(content: Mapping[str, str]) -> list[Finding]:
        snapshot, models, document = tree(content)
        return list(check_document(models, document, snapshot))

    return find


Found = Callable[[Mapping[str, str]], list[Finding]]


def test_a_right_document_is_not_mentioned(found: Found) -> None:
    assert [(each.rule, each.message) for each in found(files())] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "vm->slots_lock\n\n",
            "vm->arch.slots_lock\n\n",
            "vm->arch.slots_lock does not exist: struct vm_arch has no field",
        ),
        ("- vm->users", "- vm->userz", ""),
        ("- what a vcpu does", "- vm_vcpu->state", "vm_vcpu->state does not exist: struct vm_vcpu has no field state"),
        (
            "- what a vcpu does",
            "- vm_blocked_on_all()",
            "vm_blocked_on_all() does not exist; it may be vm_wakeup_on_all",
        ),
    ],
)
def test_a_name_that_does_not_exist(found: Found, old: str, new: str, said: str) -> None:
    text = files()
    name = "Documentation/virt/kvm/locking.rst"
    text[name] = text[name].replace(old, new)
    names = [each for each in found(text) if each.rule == "doc-unknown-name"]
    assert len(names) == 1
    assert names[0].message.startswith(said or "vm->userz does not exist")
    assert names[0].document is not None
    assert text[name].split("\n")[names[0].line - 1].split() == names[0].document.quote.split()


def test_the_field_of_another_record_on_the_path_is_what_was_meant(found: Found) -> None:
    text = files(orders="- vm->arch.lock is taken outside vcpu->mutex and vm->slots_lock\n\n")
    (only,) = [each for each in found(text) if each.rule == "doc-unknown-name"]
    assert only.message.endswith("it may be vm->lock today")
    assert only.certainty is Certainty.PROVED


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (":Type:\t\traw_spinlock_t", ":Type:\t\tspinlock_t", "says spinlock_t, it is declared as raw_spinlock_t"),
        (":Arch:\t\tx86", ":Arch:\t\tany", "says any, only x86 has it"),
        ("- vm_count", "- vm_unrelated", "says that it protects vm_unrelated"),
    ],
)
def test_a_record_that_differs(found: Found, old: str, new: str, said: str) -> None:
    (only,) = found(files(records=RECORDS.replace(old, new)))
    assert only.rule == "doc-record-differs"
    assert said in only.message


@pytest.mark.parametrize(
    "said", ["spinlock_t or raw_spinlock_t", "some kind of lock", "raw spinlock", "a raw_spinlock_t (raw)"]
)
def test_a_type_that_fits_or_is_not_understood_is_not_mentioned(found: Found, said: str) -> None:
    assert found(files(records=RECORDS.replace(":Type:\t\traw_spinlock_t", f":Type:\t\t{said}"))) == []


def test_an_ordered_lock_without_record(found: Found) -> None:
    start = RECORDS.index("``vcpu->mutex``")
    (only,) = found(files(records=RECORDS[:start] + RECORDS[RECORDS.index("``vm->mmu_lock``") :]))
    assert (only.rule, only.severity, only.line) == ("doc-record-missing", Severity.WARNING, 4)


def test_a_lock_that_was_never_documented_is_a_note(found: Found) -> None:
    (only,) = found(files(records=RECORDS[: RECORDS.index("``vm_arch::tsc_lock``")]))
    assert (only.rule, only.severity, only.path) == (
        "doc-lock-undocumented", Severity.NOTE, "arch/x86/include/asm/kvm_host.h",
    )  # fmt: skip


OPPOSITE = """
void vm_detach(struct vm *vm, struct vm_vcpu *vcpu)
{
	mutex_lock(&vcpu->mutex);
	mutex_lock(&vm->lock);
	mutex_unlock(&vm->lock);
	mutex_unlock(&vcpu->mutex);
}
"""


def test_the_code_contradicts_an_order(found: Found) -> None:
    (only,) = [each for each in found(files(main=MAIN + OPPOSITE)) if each.rule == "doc-order-contradicted"]
    assert (only.path, only.function, only.certainty) == ("virt/kvm/main.c", "vm_detach", Certainty.PROVED)
    assert [step.event for step in only.witness] == ["acquires vm_vcpu->mutex", "acquires vm->lock"]
    assert only.document is not None
    assert only.document.line == 4


def test_a_counter_example_to_the_leaf_sentence(found: Found) -> None:
    main = MAIN.replace(
        "\tvm_count++;", "\tmutex_lock(&vm->slots_lock);\n\tvm_count++;\n\tmutex_unlock(&vm->slots_lock);"
    )
    (only,) = found(files(main=main))
    assert (only.rule, only.locks) == ("doc-leaf-contradicted", ("vm_list_lock", "vm->slots_lock"))


def test_an_order_between_documented_locks_that_the_document_lacks_is_a_note_in_an_audit(found: Found) -> None:
    main = MAIN.replace("\tvm->users++;", "\tvm_register(vm);")
    orders = ORDERS + "- vcpu->mutex is taken outside vm->mmu_lock\n\n"
    rules = {(each.rule, each.severity, each.locks) for each in found(files(orders, main=main))}
    assert ("doc-order-missing", Severity.NOTE, ("vm_vcpu->mutex", "vm_list_lock")) in rules


def test_an_order_that_nothing_shows_is_a_question(found: Found) -> None:
    orders = ORDERS + "- vm->slots_lock is taken outside vm->mmu_lock\n\n"
    (only,) = found(files(orders))
    assert (only.rule, only.certainty, only.severity) == ("doc-order-unseen", Certainty.QUESTION, Severity.NOTE)


def test_orders_that_close_a_cycle(found: Found) -> None:
    orders = ORDERS + "- vm->slots_lock is taken outside vm_list_lock\n\n- vm_list_lock is taken outside vm->lock\n\n"
    assert {each.rule for each in found(files(orders))} >= {"doc-order-conflict"}


def test_an_order_that_another_sentence_forbids(found: Found) -> None:
    orders = ORDERS + "- vm->slots_lock must never be taken inside vm->lock.\n\n"
    assert {each.rule for each in found(files(orders))} == {"doc-order-conflict", "doc-order-contradicted"}


def test_a_document_without_orders_and_records_is_none_of_ours(tree: MakeTree) -> None:
    snapshot, models, _ = tree(files())
    other = Document(path="Documentation/other.rst", text="vm->nothing")
    assert list(check_document(models, other, snapshot)) == []
