# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Guarded data: what the document says of a field against its accesses, and which of them a review is about."""

from __future__ import annotations

import pytest

from reviewtool.checks.steps import step_findings
from reviewtool.lockdoc.compare import Agreement
from reviewtool.lockdoc.document import read_document
from reviewtool.lockdoc.vocabulary import Vocabularies
from reviewtool.locking.assembly import advance, build_program, changed_functions
from reviewtool.locking.lockmodel import LockModel
from reviewtool.review.guarding import claims_of, guarded_findings
from reviewtool.ruleset.model import Severity
from reviewtool.tree.memory import MemorySnapshot
from tests.locking.flows import PATH, SCOPE, library

DOCUMENT = """
``vm->lock``
^^^^^^^^^^^^

:Type:		mutex
:Arch:		any
:Protects:	- vm->count
"""
CODE = """
struct vm {{ struct mutex lock; int count; int other; }};
void vm_add(struct vm *vm) {{ mutex_lock(&vm->lock); vm->count++; mutex_unlock(&vm->lock); }}
static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{{
	struct vm *vm = file->private_data;
	{body}
	return 0;
}}
static const struct file_operations vm_fops = {{ .unlocked_ioctl = vm_ioctl }};
"""
BARE = "vm->count = 0;"
READ = "if (vm->count) vm->other = 1;"
HELD = "mutex_lock(&vm->lock); vm->count = 0; mutex_unlock(&vm->lock);"


def model_of(body: str) -> LockModel:
    snapshot = MemorySnapshot({PATH: CODE.format(body=body)})
    return LockModel.build("", build_program(library(), snapshot, SCOPE, ""))


@pytest.mark.parametrize(("body", "count"), [(BARE, 1), (HELD, 0), (READ, 0), ("vm->other = 0;", 0)])
def test_the_document_makes_questions_about_writes(body: str, count: int) -> None:
    model = model_of(body)
    document = read_document("locking.rst", DOCUMENT)
    agreement = Agreement(Vocabularies().of((model,)), document, MemorySnapshot({}))
    found = list(guarded_findings((model,), claims_of([agreement])).values())
    assert [(each.rule, each.severity) for each in found] == [("guarded-field-unlocked", Severity.NOTE)] * count
    for finding in found:
        assert finding.document is not None
        assert finding.document.quote == "vm->count"


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        ("", BARE, ["guarded-field-unlocked"]),
        (BARE, "vm->other = 0; " + BARE, []),
        ("", HELD, []),
    ],
)
def test_a_review_is_about_the_accesses_that_a_patch_adds(before: str, after: str, rules: list[str]) -> None:
    declared = CODE.replace("int count;", "int count __guarded_by(&lock);")
    first = build_program(library(), MemorySnapshot({PATH: declared.format(body=before)}), SCOPE, "")
    old = LockModel.build("", first)
    second = advance(library(), first, MemorySnapshot({PATH: declared.format(body=after)}), (PATH,))
    new = old.advance(second, changed_functions(first, second))
    assert [finding.rule for finding in step_findings((old,), (new,)).values()] == rules


def test_a_new_function_is_part_of_the_change() -> None:
    first = build_program(library(), MemorySnapshot({PATH: "struct vm;\n"}), SCOPE, "")
    old = LockModel.build("", first)
    text = CODE.replace("int count;", "int count __guarded_by(&lock);").format(body=BARE)
    second = advance(library(), first, MemorySnapshot({PATH: text}), (PATH,))
    new = old.advance(second, changed_functions(first, second))
    assert "guarded-field-unlocked" in {finding.rule for finding in step_findings((old,), (new,)).values()}
