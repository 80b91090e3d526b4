# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Where calls go, and what macros amount to."""

from __future__ import annotations

import pytest

from reviewtool.locking.linker import FunctionId
from reviewtool.locking.program import Program
from tests.locking.linking import OPS, calls, function, linked, targets


class TestTargets:
    def test_a_static_function_of_the_file_wins(self) -> None:
        program = linked(
            {
                "virt/a.c": "static void help(void)\n{\n}\nvoid fa(void)\n{\n\thelp();\n}\n",
                "virt/b.c": "void help(void)\n{\n}\nvoid fb(void)\n{\n\thelp();\n}\n",
            }
        )
        one, two = function(program, "fa"), function(program, "fb")
        assert program.targets(one, calls(one, "help")[0]).functions == (FunctionId("virt/a.c", "help"),)
        assert program.targets(two, calls(two, "help")[0]).functions == (FunctionId("virt/b.c", "help"),)

    def test_architectures_are_apart(self) -> None:
        files = {
            "virt/a.c": "void generic(void)\n{\n\tarch_hook();\n}\n",
            "arch/one/kvm/a.c": "void arch_hook(void)\n{\n}\n",
            "arch/two/kvm/a.c": "void arch_hook(void)\n{\n}\n",
        }
        program = linked(files, "two")
        ref = function(program, "generic")
        assert program.targets(ref, calls(ref, "arch_hook")[0]).functions == (
            FunctionId("arch/two/kvm/a.c", "arch_hook"),
        )

    def test_a_primitive_is_not_followed_even_if_it_is_seen(self) -> None:
        program = linked(
            {"virt/a.c": "void mutex_lock(struct mutex *m)\n{\n}\nvoid f(struct mutex *m)\n{\n\tmutex_lock(m);\n}\n"}
        )
        ref = function(program, "f")
        found = program.targets(ref, calls(ref, "mutex_lock")[0])
        assert (found.functions, found.external) == ((), "mutex_lock")

    def test_a_stub_beside_the_real_function_is_left_out(self) -> None:
        program = linked(
            {
                "include/linux/kvm_x.h": "#ifdef CONFIG_X\nvoid work(void);\n#else\nstatic inline void work(void)\n"
                "{\n}\n#endif\n",
                "virt/a.c": "#include <linux/kvm_x.h>\nvoid work(void)\n{\n\tother();\n}\nvoid f(void)\n{\n"
                "\twork();\n}\n",
            }
        )
        ref = function(program, "f")
        assert program.targets(ref, calls(ref, "work")[0]).functions == (FunctionId("virt/a.c", "work"),)

    def test_both_alternatives_of_an_if_are_targets(self) -> None:
        program = linked(
            {
                "virt/a.c": "#ifdef CONFIG_X\nstatic void work(int a)\n{\n\tone();\n}\n#else\n"
                "static void work(int a)\n{\n\ttwo();\n}\n#endif\n"
                "void f(void)\n{\n\twork(1);\n}\n"
            }
        )
        ref = function(program, "f")
        found = program.targets(ref, calls(ref, "work")[0]).functions
        assert [each.variant for each in found] == ["defined(CONFIG_X)", "!(defined(CONFIG_X))"]

    def test_an_inline_function_of_a_header_outside_becomes_part_of_the_program(self) -> None:
        program = linked(
            {
                "virt/a.c": "#include <linux/far.h>\nvoid f(void)\n{\n\tfar();\n}\n",
                "include/linux/far.h": "static inline void far(void)\n{\n\tdeep();\n}\n",
            }
        )
        assert targets(program, "f", "far") == {"far"}
        assert FunctionId("include/linux/far.h", "far") in program.functions()

    @pytest.mark.parametrize(
        ("body", "callee", "wanted"),
        [
            ("c->ops->run(c);", "c->ops->run", {"first_run"}),
            ("c->ops->stop(c);", "c->ops->stop", set()),
            ("handlers[2](c);", "handlers[2]", {"first_run", "second_run"}),
            ("int (*fn)(struct cpu *) = c->ops->run;\n\tfn(c);", "fn", {"first_run"}),
            ("c->done = second_run;\n\tc->done(c);", "c->done", {"second_run"}),
            ("int (*fn)(struct cpu *) = x ? first_run : second_run;\n\tfn(c);", "fn", {"first_run", "second_run"}),
        ],
    )
    def test_a_pointer_leads_to_what_was_stored_in_it(self, body: str, callee: str, wanted: set[str]) -> None:
        program = linked({"virt/a.c": OPS + f"void f(struct cpu *c, int x)\n{{\n\t{body}\n}}\n"})
        assert targets(program, "f", callee) == wanted

    def test_a_parameter_gets_what_is_passed_to_it_through_others(self) -> None:
        source = (
            "static int inner(struct cpu *c, int (*fn)(struct cpu *c))\n{\n\treturn fn(c);\n}\n"
            "static int outer(struct cpu *c, int (*fn)(struct cpu *c))\n{\n\treturn inner(c, fn);\n}\n"
            "void f(struct cpu *c)\n{\n\touter(c, first_run);\n\tinner(c, second_run);\n}\n"
        )
        program = linked({"virt/a.c": OPS + source})
        ref = function(program, "inner")
        found = program.targets(ref, calls(ref, "fn")[0])
        assert found.parameter == 1
        assert {each.name for each in found.functions} == {"first_run", "second_run"}

    def test_a_setter_fills_the_field(self) -> None:
        source = (
            "void set_done(struct cpu *c, int (*fn)(struct cpu *c))\n{\n\tc->done = fn;\n}\n"
            "void init(struct cpu *c)\n{\n\tset_done(c, second_run);\n}\n"
            "void f(struct cpu *c)\n{\n\tc->done(c);\n}\n"
        )
        assert targets(linked({"virt/a.c": OPS + source}), "f", "c->done") == {"second_run"}

    def test_a_table_that_macros_fill(self) -> None:
        source = (
            "struct row {\n\tconst char *name;\n\tint (*get)(struct cpu *c);\n\tint id;\n};\n"
            "#define ROW(n, fn) { .name = #n, .get = fn }\n#define NAME(n) .name = #n, .id = n\n"
            "static const struct row rows[] = {\n\tROW(1, first_run),\n\t{ NAME(2), second_run },\n};\n"
            "void f(struct cpu *c, struct row *r)\n{\n\tr->get(c);\n}\n"
        )
        assert targets(linked({"virt/a.c": OPS + source}), "f", "r->get") == {"first_run", "second_run"}

    def test_a_value_whose_position_is_not_known_goes_where_its_type_fits(self) -> None:
        source = (
            "struct row {\n\tconst char *name;\n\tint id;\n\tbool (*get)(struct cpu *c, const struct row *r);\n"
            "\tvoid (*reset)(struct cpu *c);\n};\n#define NAME(n) .name = #n, .id = n\n"
            "static bool get_it(struct cpu *c, const struct row *r)\n{\n\treturn true;\n}\n"
            "static void reset_it(struct cpu *c)\n{\n}\n"
            "static const struct row rows[] = {\n\t{ NAME(2), get_it, reset_it },\n};\n"
            "void f(struct cpu *c, struct row *r)\n{\n\tr->get(c, r);\n\tr->reset(c);\n}\n"
        )
        source = "#include <linux/types.h>\n" + source
        program = linked({"virt/a.c": source, "include/linux/types.h": "typedef _Bool bool;\n"})
        assert targets(program, "f", "r->get") == {"get_it"}
        assert targets(program, "f", "r->reset") == {"reset_it"}

    def test_a_named_call_goes_where_the_rules_say(self) -> None:
        source = (
            "struct kvm_x86_ops {\n\tint (*run)(struct cpu *c);\n};\n"
            "static struct kvm_x86_ops vendor_ops = {\n\t.run = second_run,\n};\n"
            "void f(struct cpu *c)\n{\n\tstatic_call(kvm_x86_run)(c);\n}\n"
        )
        program = linked({"virt/a.c": OPS + source})
        assert targets(program, "f", "static_call(kvm_x86_run)") == {"second_run"}

    def test_by_type_alone_is_only_likely(self) -> None:
        source = "void f(struct cpu *c)\n{\n\tint (*fn)(struct cpu *c) = lookup(c);\n\tfn(c);\n}\n"
        program = linked({"virt/a.c": OPS + source})
        ref = function(program, "f")
        found = program.targets(ref, calls(ref, "fn")[0])
        assert found.likely
        assert {each.name for each in found.functions} == {"first_run", "second_run"}

    def test_template_headers_give_functions_for_each_inclusion(self) -> None:
        program = linked(
            {
                "virt/walk.h": "#if BITS == 64\n#define FNAME(name) wide_##name\n#else\n"
                "#define FNAME(name) thin_##name\n#endif\n"
                "static int FNAME(step)(struct cpu *c)\n{\n\treturn 0;\n}\n"
                "static int FNAME(walk)(struct cpu *c)\n{\n\treturn FNAME(step)(c);\n}\n#undef FNAME\n",
                "virt/a.c": '#define BITS 64\n#include "walk.h"\n#undef BITS\n#define BITS 32\n#include "walk.h"\n'
                "#undef BITS\n"
                "void f(struct cpu *c)\n{\n\twide_walk(c);\n}\n",
            }
        )
        assert targets(program, "f", "wide_walk") == {"wide_walk"}
        assert targets(program, "wide_walk", "FNAME(step)") == {"wide_step"}
        assert targets(program, "thin_walk", "FNAME(step)") == {"thin_step"}

    def test_callers_are_found_through_pointers_with_their_lines(self) -> None:
        program = linked({"virt/a.c": OPS + "void f(struct cpu *c)\n{\n\tc->ops->run(c);\n}\n"})
        (caller,) = program.callers(function(program, "first_run").id)
        assert caller == (FunctionId("virt/a.c", "f"), OPS.count("\n") + 3)


class TestExpansion:
    def expand(self, program: Program, name: str, callee: str) -> tuple[tuple[str, tuple[str, ...], str], ...] | None:
        ref = function(program, name)
        found = program.expansion(ref, calls(ref, callee)[0])
        return None if found is None else tuple((call.callee, call.args, call.result) for call in found)

    def test_a_macro_amounts_to_its_calls(self) -> None:
        program = linked(
            {
                "virt/a.c": "#define LOCK_BOTH(m, n) do {\t\\\n\tmutex_lock(&(m)->lock);\t\\\n"
                "\tmutex_lock(&(n)->lock);\t\\\n} while (0)\n"
                "void f(struct cpu *c, struct cpu *d)\n{\n\tLOCK_BOTH(c->first, d);\n}\n"
            }
        )
        assert self.expand(program, "f", "LOCK_BOTH") == (
            ("mutex_lock", ("&c->first->lock",), ""),
            ("mutex_lock", ("&d->lock",), ""),
        )

    def test_its_value_is_that_of_the_call(self) -> None:
        program = linked(
            {
                "virt/a.c": "#define TRY(m) mutex_trylock(&(m)->lock)\nint f(struct cpu *c)\n{\n\tint got = TRY(c);\n"
                "\treturn got;\n}\n"
            }
        )
        assert self.expand(program, "f", "TRY") == (("mutex_trylock", ("&c->lock",), "got"),)

    def test_calls_in_arguments_are_not_made_twice(self) -> None:
        program = linked({"virt/a.c": "#define SHOW(x) print(x)\nvoid f(struct cpu *c)\n{\n\tSHOW(next(c));\n}\n"})
        assert self.expand(program, "f", "SHOW") == (("print", ("next(c)",), ""),)

    def test_a_body_with_a_flow_of_its_own_is_left_alone(self) -> None:
        program = linked(
            {
                "virt/a.c": "#define MAYBE(m) do { if (m) mutex_lock(m); } while (0)\nvoid f(struct mutex *m)\n{\n"
                "\tMAYBE(m);\n}\n"
            }
        )
        assert self.expand(program, "f", "MAYBE") is None

    def test_iterators_of_a_loop_macro(self) -> None:
        program = linked(
            {
                "virt/a.c": "#define each_cpu(i, c, m) \\\n\tfor (i = 0; c = get(m, i); i++)\n"
                "#define all_cpus(m, i, c) each_cpu(i, c, m)\nvoid f(void)\n{\n}\n"
            }
        )
        ref = function(program, "f")
        assert program.iterators(ref, "each_cpu") == (0, 1)
        assert program.iterators(ref, "all_cpus") == (1, 2)

    def test_a_function_that_computes_an_address_is_pure(self) -> None:
        program = linked(
            {
                "virt/a.c": "static struct big *to_big(struct cpu *c)\n{\n"
                "\treturn container_of(c, struct big, cpu);\n}\n"
                "static struct big *make(struct cpu *c)\n{\n\treturn allocate(c);\n}\n"
            }
        )
        assert program.pure(function(program, "to_big").id)
        assert not program.pure(function(program, "make").id)
