# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Functions of headers become part of a program while it is looked through."""

from __future__ import annotations

from tests.locking.linking import calls, linked

USER = """
#include <linux/box.h>
static int user(struct box *x)
{
	return box_get(x);
}
"""
HEADER = """
struct box { int n; };
static inline int box_get(struct box *x)
{
	return x->n;
}
"""


def test_looking_calls_up_while_going_through_all_functions() -> None:
    program = linked({"virt/kvm/a.c": USER, "include/linux/box.h": HEADER})
    names = []
    for ref in program.functions().values():
        names.append(ref.id.name)
        if ref.id.name == "user":
            program.targets(ref, calls(ref, "box_get")[0])
    again = [identity.name for identity in program.functions()]
    assert names == ["user"]
    assert again == ["user", "box_get"]
    assert [identity.name for identity, _ in program.functions().items()] == again
