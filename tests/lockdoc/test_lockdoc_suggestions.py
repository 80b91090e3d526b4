# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A suggested hunk applies with git, whatever the document and the lock are like, and says what was missing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewtool.lockdoc.change import check_change
from reviewtool.lockdoc.document import read_document
from reviewtool.lockdoc.hunk import LockFacts, record_hunk, rename_hunk
from reviewtool.lockdoc.model import Document, Kind
from reviewtool.locking.lockmodel import LockModel
from reviewtool.tree.memory import MemorySnapshot

PATH: Final = "Documentation/virt/kvm/locking.rst"
MakeTree = Callable[[Mapping[str, str]], tuple[MemorySnapshot, tuple[LockModel, ...], Document]]

names = st.from_regex(r"[a-z]{1,6}(->[a-z]{1,6}){0,2}_lock", fullmatch=True)
words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=60)
prose = st.text("abc de.,\n", max_size=80).map(lambda text: "\n".join(line.strip() for line in text.split("\n")))


def applied(folder: Path, text: str, hunk: str) -> str:
    """The document with the hunk, by `git apply`."""
    place = folder / PATH
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(text.encode())
    subprocess.run(["git", "apply", "-"], cwd=folder, input=hunk.encode(), check=True, capture_output=True)
    return place.read_bytes().decode()


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A document with orders and records, of all the styles that documents of the kernel have."""
    tabs, quote, mark = draw(st.booleans()), draw(st.sampled_from(("``", ""))), draw(st.sampled_from("-*"))
    under = draw(st.sampled_from('^~-"'))
    parts = ["Locks\n=====\n", draw(prose)]
    orders = draw(st.lists(st.tuples(names, names, st.sampled_from(("", ", though"))), max_size=3))
    parts += [f"{mark} {outer} is taken outside {inner}{tail}" for outer, inner, tail in orders]
    if draw(st.booleans()):
        parts.append(f"On x86:\n\n{mark} {draw(names)} is taken outside {draw(names)}")
    parts.append(draw(prose))
    for _ in range(draw(st.integers(0, 3))):
        heading = f"{quote}{draw(names)}{quote}"
        gap = "\t\t" if tabs else " " * draw(st.integers(1, 12))
        record = [heading, under * len(heading), *([""] if draw(st.booleans()) else [])]
        record += [f":Type:{gap}mutex", f":Arch:{gap}any", f":Protects:{gap}- something"]
        parts.append("\n".join(record))
    return "\n\n".join(parts) + draw(st.sampled_from(("", "\n", "\n\n\n", "\n\n.. note\n")))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=documents(), lock=names, comment=words, data=st.lists(names, max_size=3), arch=st.sampled_from(("any", "x86"))
)
def test_a_record_applies_to_any_document(
    tmp_path: Path, text: str, lock: str, comment: str, data: list[str], arch: str
) -> None:
    worlds = () if arch == "any" else (arch,)
    facts = LockFacts(
        name=lock, type="mutex", arch=arch, protects=tuple(data), comment=" ".join(comment.split()),
        orders=((lock, "other_lock"),), worlds=worlds,
    )  # fmt: skip
    document = read_document(PATH, text)
    hunk = record_hunk(document, facts)
    bullets = [each for each in document.statements if each.kind is Kind.ORDER]
    assert bool(hunk) == bool(document.records or bullets)
    if not hunk:
        return
    after = read_document(PATH, applied(tmp_path, text, hunk))
    if document.records:
        assert len(after.records) == len(document.records) + 1
        assert any(record.name.text == lock and record.entries["type"].text == "mutex" for record in after.records)
    if bullets:
        assert any(
            (each.outer and each.outer.text, each.inner and each.inner.text) == (lock, "other_lock")
            for each in after.statements
        )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=documents(), new=names)
def test_a_renaming_applies_to_any_document(tmp_path: Path, text: str, new: str) -> None:
    document = read_document(PATH, text)
    old = document.records[0].name.text if document.records else "none_lock"
    hunk = rename_hunk(document, old, new)
    assert bool(hunk) == (bool(document.records) and old != new)
    if hunk:
        after = read_document(PATH, applied(tmp_path, text, hunk))
        assert len(after.records) == len(document.records)
        assert after.records[0].name.text == new


KINDS: Final = {
    "mutex": ("struct mutex {0};", "mutex_lock(&{0})", "mutex_unlock(&{0})", "mutex"),
    "spinlock": ("spinlock_t {0};", "spin_lock(&{0})", "spin_unlock(&{0})", "spinlock_t"),
    "rwsem": ("struct rw_semaphore {0};", "down_write(&{0})", "up_write(&{0})", "rw_semaphore"),
}
TYPES: Final = (
    "struct mutex { int unused; };\nstruct rw_semaphore { int unused; };\n"
    "typedef struct spinlock { int unused; } spinlock_t;\n"
)
OLD_TEXT: Final = "Locks\n=====\n\n- vm->lock is taken outside vm->slots_lock\n\n" + "".join(
    f"``{name}``\n{'^' * (len(name) + 4)}\n\n:Type:\t\tmutex\n:Arch:\t\tany\n\n"
    for name in ("vm->lock", "vm->slots_lock")
)


def source(kind: str, field: bool, inner: bool) -> str:
    """A small subsystem; with a kind, one more lock of that kind that protects `vm->fresh`."""
    declaration, lock, unlock, _ = KINDS.get(kind, ("", "", "", ""))
    name = "vm->new_lock" if field else "new_lock"
    member = declaration.format("new_lock") if kind and field else ""
    outside = f"static {declaration.format('new_lock')}\n" if kind and not field else ""
    nested = "\tmutex_lock(&vm->lock);\n\tmutex_unlock(&vm->lock);\n" if inner else ""
    body = f"\t{lock.format(name)};\n\tvm->fresh = 1;\n{nested}\t{unlock.format(name)};\n" if kind else ""
    return (
        f"{TYPES}struct vm {{ struct mutex lock; struct mutex slots_lock; {member} int fresh; }};\n{outside}"
        "void vm_set(struct vm *vm)\n{\n\tmutex_lock(&vm->lock);\n\tmutex_lock(&vm->slots_lock);\n"
        "\tmutex_unlock(&vm->slots_lock);\n\tmutex_unlock(&vm->lock);\n}\n"
        f"void vm_fresh(struct vm *vm)\n{{\n{body}}}\n"
    )


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("field", [True, False])
@pytest.mark.parametrize("inner", [True, False])
@pytest.mark.parametrize("folder", ["virt/kvm", "arch/x86/kvm"])
def test_the_hunk_for_a_new_lock_is_all_that_was_missing(
    kind: str, field: bool, inner: bool, folder: str, tree: MakeTree, tmp_path: Path
) -> None:
    """With the suggestion applied the same patch is told nothing any more."""
    path = f"{folder}/main.c"
    others = {
        "arch/x86/kvm/x86.c": "int x86;\n",
        "arch/arm64/kvm/arm.c": "int arm;\n",
        "virt/kvm/main.c": "int virt;\n",
    }
    old = tree({**others, path: source("", field, inner), PATH: OLD_TEXT})
    new = tree({**others, path: source(kind, field, inner), PATH: OLD_TEXT})
    wanted = inner and kind != "spinlock"
    (only,) = check_change(
        old[1], new[1], old[2], new[2], old[0], new[0], {"new_lock": "It keeps fresh what is fresh."}
    )
    assert (only.rule, only.path) == ("doc-lock-undocumented", path)
    text = applied(tmp_path, OLD_TEXT, only.suggestion or "")
    record = next(each for each in read_document(PATH, text).records if each.name.text.endswith("new_lock"))
    assert record.entries["type"].text == KINDS[kind][3]
    assert record.entries["arch"].text == ("x86" if "x86" in path else "any")
    assert "fresh" in record.entries["protects"].text
    assert record.entries["comment"].text == "It keeps fresh what is fresh."
    assert ("new_lock is taken outside vm->lock" in text) is wanted
    told = tree({**others, path: source(kind, field, inner), PATH: text})
    assert list(check_change(old[1], told[1], old[2], told[2], old[0], told[0])) == []
