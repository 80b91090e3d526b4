# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reading a locking document: statements, records, names, examples, and what is not understood."""

from __future__ import annotations

import time

import pytest

from reviewtool.lockdoc.document import read_document
from reviewtool.lockdoc.model import Document, Kind


def read(text: str) -> Document:
    return read_document("Documentation/locking.rst", text)


def said(text: str) -> list[tuple[str, str | None, str | None]]:
    return [
        (each.kind.value, each.outer.text if each.outer else None, each.inner.text if each.inner else None)
        for each in read(text).statements
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("- vm->lock is taken outside vcpu->mutex", [("order", "vm->lock", "vcpu->mutex")]),
        (
            "vm->lock is taken outside vm->slots_lock and vm->irq_lock.",
            [("order", "vm->lock", "vm->slots_lock"), ("order", "vm->lock", "vm->irq_lock")],
        ),
        (
            "vm->a_lock is taken outside b_lock, c_lock, and d_lock.",
            [("order", "vm->a_lock", "b_lock"), ("order", "vm->a_lock", "c_lock"), ("order", "vm->a_lock", "d_lock")],
        ),
        ("cpus_lock() is taken outside of ``vm_lock``", [("order", "cpus_lock()", "vm_lock")]),
        ("a_lock nests inside b_lock", [("order", "b_lock", "a_lock")]),
        ("memory_lock is nested under vma_lock", [("order", "vma_lock", "memory_lock")]),
        ("First take the its_lock, then the irq_lock.", [("order", "its_lock", "irq_lock")]),
        (
            "The order is a->lock --> b->lock --> c->lock",
            [("order", "a->lock", "b->lock"), ("order", "b->lock", "c->lock")],
        ),
        ("a_lock must never be taken inside b_lock", [("forbidden", "b_lock", "a_lock")]),
        ("a_lock cannot be taken inside a vm->srcu read-side section", [("forbidden", "vm->srcu", "a_lock")]),
        ("a_lock _can_ be taken inside b_lock", [("allowed", "b_lock", "a_lock")]),
        (
            "Therefore a_lock can be taken inside a vm->srcu read-side critical section, while b_lock cannot.",
            [("allowed", "vm->srcu", "a_lock"), ("forbidden", "vm->srcu", "b_lock")],
        ),
        ("a_lock can only be taken inside b_lock", [("needed", "b_lock", "a_lock")]),
        (
            "Critical sections for a_lock and b_lock must also take vm->c_lock",
            [("needed", "vm->c_lock", "a_lock"), ("needed", "vm->c_lock", "b_lock")],
        ),
        ("a_lock cannot be taken without already holding b_lock", [("needed", "b_lock", "a_lock")]),
        (
            "Unlike a_lock, b_lock is released before wait_for(&vm->srcu).",
            [("released", "b_lock", "wait_for(&vm->srcu)")],
        ),
        ("mmap_lock must always be the top-level lock when it is taken.", [("top", "mmap_lock", None)]),
    ],
)
def test_a_sentence_gives_its_statements(text: str, wanted: list[tuple[str, str | None, str | None]]) -> None:
    assert said(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Taking a_lock outside of b_lock is problematic.",
        "The flush is done outside of mmu_lock to keep it short.",
        "a_lock protects the list; b_lock its entries.",
        "The lock is taken outside the loop.",
        "a_lock() -> b_lock() -> c_lock()",
        "to_a(x)->a_lock protects to_b(x)->b_lock.",
        "print_it() with zone->lock held splats.",
        "set_lock() is called after new_lock() to set it up.",
        "wait_lock() in clear_lock() makes sure of it.",
        "The SPTE can be updated out of mmu-lock, see spte_has_bits().",
    ],
)
def test_what_is_no_order_gives_none(text: str) -> None:
    assert said(text) == []


def test_what_speaks_of_locks_but_gives_nothing_is_listed_with_its_line() -> None:
    document = read("Title\n=====\n\nPlain words.\n\na_lock is problematic when\nb_lock is held.\n")
    assert [(each.line, each.text) for each in document.unread] == [(6, "a_lock is problematic when b_lock is held.")]


def test_these_locks_and_it_refer_back() -> None:
    text = (
        "- wait_for(&vm->srcu) is called inside critical sections for a_lock and b_lock.  These locks _cannot_ be\n"
        "  taken inside a vm->srcu read-side critical section.\n\n"
        "- c_lock instead is released before wait_for().  It _can_ therefore be taken inside a vm->srcu section.\n"
    )
    assert said(text)[2:] == [
        ("forbidden", "vm->srcu", "a_lock"),
        ("forbidden", "vm->srcu", "b_lock"),
        ("released", "c_lock", "wait_for()"),
        ("allowed", "vm->srcu", "c_lock"),
    ]


def test_must_not_take_keeps_its_subject() -> None:
    (one,) = read("They wait there, so MMU notifiers must not take vm->slots_lock.").statements
    assert (one.kind, one.where) == (Kind.FORBIDDEN, "MMU notifiers")


def test_an_architecture_speaks_for_the_list_below_it_only() -> None:
    bullets = "- a_lock is taken outside b_lock\n\n- a_lock is taken outside c_lock\n\n"
    text = f"On x86:\n\n{bullets}x_lock is taken outside y_lock.\n"
    assert [each.worlds for each in read(text).statements] == [("x86",), ("x86",), ()]
    assert read("On x86 and arm64, a_lock is taken outside b_lock.").statements[0].worlds == ("x86", "arm64")


def test_nested_bullets_are_nested_locks() -> None:
    text = "The order:\n\n- vm->lock (mutex)\n\n  - vcpu->mutex (mutex)\n\n    - irq->lock\n"
    assert said(text) == [("order", "vcpu->mutex", "irq->lock"), ("order", "vm->lock", "vcpu->mutex")]


def test_a_numbered_lock_order_is_a_chain_but_not_an_unlock_order() -> None:
    steps = "\n\n1. m->a_lock: needed first\n2. vm->lock: then\n"
    assert said("The proper locking order is:" + steps) == [("order", "m->a_lock", "vm->lock")]
    assert said("The proper unlocking order is:" + steps) == []


def test_an_example_is_not_read_as_truth() -> None:
    document = read("The following is broken::\n\n    mutex_lock(&a_lock);\n    b_lock is taken outside a_lock\n")
    assert document.statements == ()
    assert [(each.broken, each.line) for each in document.examples] == [(True, 3)]
    assert all(each.literal for each in document.mentions)


RECORD = """\
Reference
---------

``vm->big_lock``
^^^^^^^^^^^^^^^^

:Type:\t\tmutex
:Arch:\t\tx86
:Protects:\t- vm::{first,second}
\t\t- the hardware
:Comment:\tlong
    ago

Not a record
------------
"""


def test_a_record_has_its_fields_with_lines() -> None:
    (record,) = read(RECORD).records
    assert (record.name.text, record.line, record.end) == ("vm->big_lock", 4, 12)
    assert {name: (entry.line, entry.text) for name, entry in record.entries.items()} == {
        "type": (7, "mutex"),
        "arch": (8, "x86"),
        "protects": (9, "- vm::{first,second}\n- the hardware"),
        "comment": (11, "long\nago"),
    }
    assert [(each.text, each.line) for each in record.entries["protects"].mentions] == [
        ("vm::first", 9),
        ("vm::second", 9),
    ]


def test_the_leaf_sentence_is_found() -> None:
    leaf = read("Everything else is a leaf: no other lock is taken inside.\n").leaf
    assert leaf is not None
    assert leaf.line == 1


def test_names_are_told_from_words() -> None:
    text = "e.g. vm->lock, locking.rst, virt/kvm/kvm_main.c, gfn_to_* and a _must_ of MMIO (kvm_x86) ``plain``."
    assert [(each.text, each.open) for each in read(text).mentions] == [
        ("vm->lock", False), ("gfn_to_", True), ("kvm_x86", False), ("plain", False),
    ]  # fmt: skip


def test_a_document_can_include_nothing_and_says_nothing(
    tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path_factory.mktemp("secret") / "secret.txt"
    secret.write_text("secret_lock is taken outside other_lock", encoding="utf-8")
    text = (
        f".. include:: {secret}\n\n.. csv-table::\n   :file: {secret}\n\n.. raw:: html\n   :file: {secret}\n\n"
        ".. kernel-doc:: virt/x.c\n   :internal:\n\nSee :doc:`x` and :c:func:`foo`.  a_lock is taken outside b_lock.\n"
    )
    assert said(text) == [("order", "a_lock", "b_lock")]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\1\2",
        "=====",
        "a_lock " * 20000,
        "a_lock, " * 20000,
        "a_lock is taken outside " * 5000,
        "must not take " * 20000,
        "(" * 5000,
        "``" * 5000,
        "\n".join("  " * depth + "- a" for depth in range(300)),
        "+--+\n|::|" * 300,
        "a->" * 30000,
        "x" * 2_000_000,
    ],
)
def test_hostile_text_is_read_in_bounded_time(text: str) -> None:
    before = time.monotonic()
    read(text)
    assert time.monotonic() - before < 5
