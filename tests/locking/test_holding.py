# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What is held at an access, by the function and by its callers; which accesses count."""

from __future__ import annotations

import pytest

from reviewtool.csource.facts import Assign
from reviewtool.locking.fields import Fields
from reviewtool.locking.holding import Known
from tests.locking.flows import model_of

SET = "static void set(struct box *b) { b->n = 1; }\n"
OUTSIDE = """
long reset(struct file *f, unsigned int cmd, unsigned long arg)
{{
	struct box *b = f->private_data;
	{body}
	return 0;
}}
static const struct file_operations box_fops = {{ .unlocked_ioctl = reset }};
"""


def known(code: str, name: str) -> Known:
    """What is known of m0 where a function writes `b->n`."""
    model = model_of(code)
    (function,) = [each for each in model.functions if each.name == name]
    (seen,) = [
        each
        for each in model.holding.events(function)
        if isinstance(each.event, Assign) and each.event.target == "b->n"
    ]
    return model.holding.at(function, seen, model.linker.class_named("struct box.m0"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("mutex_lock(&b->m0); set(b); mutex_unlock(&b->m0);", Known.YES),
        ("set(b);", Known.NO),
        ("mutex_lock(&b->m0); set(b); mutex_unlock(&b->m0); set(b);", Known.NO),
        ("if (b->on) mutex_lock(&b->m0); set(b); if (b->on) mutex_unlock(&b->m0);", Known.PERHAPS),
    ],
)
def test_all_callers_together_say_what_is_held(body: str, expected: Known) -> None:
    assert known(SET + OUTSIDE.format(body=body), "set") is expected


def test_nothing_is_known_of_what_nobody_calls() -> None:
    assert known(SET.replace("static ", ""), "set") is Known.PERHAPS


def test_an_assertion_counts_as_held() -> None:
    assert known("void set(struct box *b) { lockdep_assert_held(&b->m0); b->n = 1; }\n", "set") is Known.YES


def test_what_a_function_drops_for_its_caller_is_not_held() -> None:
    code = "static void set(struct box *b) { mutex_unlock(&b->m0); b->n = 1; mutex_lock(&b->m0); }\n"
    body = "mutex_lock(&b->m0); set(b); mutex_unlock(&b->m0);"
    assert known(code + OUTSIDE.format(body=body), "set") is Known.NO


def test_recursion_ends() -> None:
    code = "static void set(struct box *b) { b->n = 1; if (b->on) set(b->next); }\n"
    assert known(code + OUTSIDE.format(body="set(b);"), "set") is Known.NO


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("void one(struct box *b) { b->n = 1; }", ["one"]),
        ("void box_init(struct box *b) { b->n = 1; }", []),
        ("void one(struct box *b) { mutex_init(&b->m0); b->n = 1; }", []),
        ("static void one(struct box *b) { b->n = 1; } void box_create(struct box *b) { one(b); }", []),
        ("void one(void) { struct box b; b.n = 1; opaque(b.n); }", []),
        ("void one(void) { struct box *b = kzalloc(sizeof(*b), GFP_KERNEL); b->n = 1; }", []),
        ("void one(struct box *b) { b->on = 1; }", []),
    ],
)
def test_only_objects_that_others_see_count(code: str, written: list[str]) -> None:
    model = model_of(code + "\n")
    accesses = Fields(model).accesses("struct box.n", write=True)
    assert [access.function.name for access in accesses] == written
