# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The next snapshot: what a change affects, and that answers taken over are still right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from reviewtool.locking.assembly import advance, build_program, changed_functions
from reviewtool.locking.program import Program
from reviewtool.locking.scope import find_scope
from tests.locking.linking import OPS, Files, calls, function, library, lock, rules, targets


class TestNextSnapshot:
    FILES: ClassVar = {
        "virt/a.c": OPS + "void f(struct cpu *c)\n{\n\tc->ops->run(c);\n}\nvoid g(struct cpu *c)\n{\n\tf(c);\n}\n",
        "virt/b.c": '#include "b.h"\nvoid h(struct box *b)\n{\n\tmutex_lock(&b->lock);\n}\nvoid i(void)\n{\n}\n',
        "virt/b.h": "struct box {\n\tstruct mutex lock;\n\tint other;\n};\n",
    }

    def next(self, changes: Mapping[str, str]) -> tuple[Program, Program]:
        before, shared = Files(self.FILES), library()
        old = build_program(shared, before, find_scope(before, rules(), ["virt/"]), "")
        for ref in list(old.functions().values()):
            old.callers(ref.id)
        after = Files({**self.FILES, **changes}, 1, frozenset(changes))
        return old, advance(shared, old, after, changes)

    def test_a_function_that_moved_is_not_changed(self) -> None:
        old, new = self.next({"virt/b.c": self.FILES["virt/b.c"].replace("void i(", "void j(void)\n{\n}\nvoid i(")})
        assert {each.name for each in changed_functions(old, new)} == {"j"}
        assert function(new, "i").line(0) == function(old, "i").line(0) + 3

    def test_a_changed_body_is(self) -> None:
        old, new = self.next({"virt/a.c": self.FILES["virt/a.c"].replace("\tf(c);", "\tf(c);\n\tf(c);")})
        assert {each.name for each in changed_functions(old, new)} == {"g"}

    def test_a_changed_field_changes_those_that_use_it(self) -> None:
        old, new = self.next({"virt/b.h": self.FILES["virt/b.h"].replace("struct mutex", "spinlock_t")})
        assert {each.name for each in changed_functions(old, new)} == {"h"}
        assert lock(new, "h", "&b->lock") == ("struct box.lock", "spinlock")

    def test_a_changed_table_changes_those_that_call_through_it(self) -> None:
        old, new = self.next({"virt/a.c": self.FILES["virt/a.c"].replace(".run = first_run", ".run = second_run")})
        assert {each.name for each in changed_functions(old, new)} == {"f"}
        assert targets(new, "f", "c->ops->run") == {"second_run"}

    def test_a_store_in_another_function_changes_them_too(self) -> None:
        body = (
            "void i(void)\n{\n\tstruct ops *late = find();\n\tlate->run = third_run;\n}\n"
            "int third_run(struct cpu *c)\n{\n\treturn 0;\n}\n"
        )
        old, new = self.next({"virt/b.c": self.FILES["virt/b.c"].replace("void i(void)\n{\n}\n", body)})
        assert {"f", "i", "third_run"} <= {each.name for each in changed_functions(old, new)}
        assert targets(new, "f", "c->ops->run") == {"first_run", "third_run"}

    def test_an_added_and_a_removed_function_change_their_callers(self) -> None:
        old, new = self.next({"virt/a.c": self.FILES["virt/a.c"].replace("void f(", "void f2(")})
        assert {each.name for each in changed_functions(old, new)} == {"f", "f2", "g"}
        ref = function(new, "g")
        assert new.targets(ref, calls(ref, "f")[0]).external == "f"

    def test_nothing_that_concerns_the_world_changed(self) -> None:
        old, new = self.next({"Documentation/x.rst": "text"})
        assert new is old
