# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A user's own directory: data that adds to and replaces the built-in, rules without code."""

from __future__ import annotations

from pathlib import Path

from reviewtool.ruleset import load
from reviewtool.ruleset.model import Effect, Group, Mode, Registration, Severity, Success
from reviewtool.ruleset.when import Condition, conditions


def written(directory: Path, text: str) -> Path:
    (directory / "deep").mkdir()
    (directory / "deep" / "mine.toml").write_text(text)
    return directory


def test_a_primitive_in_words(tmp_path: Path) -> None:
    text = (
        '[primitive."foo.h"]\nfoo_lock = "acquire @irq instance=2, acquire mutex at=&@0->m shared try success=zero"\n'
    )
    first, second = load([written(tmp_path, text)]).primitives["foo_lock"].operations
    assert (first.effect, first.subject, first.instance, first.mode) == (Effect.ACQUIRE, "@irq", 2, Mode.EXCLUSIVE)
    assert (second.subject, second.mode, second.trylock) == ("&@0->m", Mode.SHARED, True)
    assert second.success is Success.ZERO


def test_a_later_entry_replaces_an_earlier_one(tmp_path: Path) -> None:
    own = load([written(tmp_path, '[primitive."mine.h"]\nmutex_lock = "acquire rwsem shared"\n')])
    assert own.primitives["mutex_lock"].source == "mine.h"
    assert own.primitives["mutex_unlock"] == load().primitives["mutex_unlock"]


def test_words_add_up(tmp_path: Path) -> None:
    own = load([written(tmp_path, '[syntax]\nnoreturn = ["my_abort"]\n')])
    assert "my_abort" in own.syntax.noreturn
    assert load().syntax.noreturn < own.syntax.noreturn


def test_the_digests_follow_what_depends_on_them(tmp_path: Path) -> None:
    plain = load()
    other = load([written(tmp_path, '[primitive."a.h"]\nf = "sleep"\n')])
    assert plain.digest == load().digest
    assert plain.digest != other.digest
    assert plain.syntax_digest == other.syntax_digest


def test_a_rule_without_a_page(tmp_path: Path) -> None:
    text = """
[rule.foo-fault-under-lock]
group = "context"
severity = "error"
summary = "user memory is touched under foo->lock"
why = "The fault handler takes foo->lock."

[[forbidden-under]]
rule = "foo-fault-under-lock"
under = ["struct foo.lock"]
effects = ["fault"]
source = "foo.txt"

[[required-lock]]
locks = ["struct foo.lock"]
writes = ["struct foo.count"]

[[order]]
outer = "struct foo.lock"
inner = "struct bar.lock"
source = "foo.txt"
"""
    own = load([written(tmp_path, text)], builtin=True)
    rule = own.rules["foo-fault-under-lock"]
    assert (rule.group, rule.severity, rule.check) == (Group.CONTEXT, Severity.ERROR, "")
    assert "The fault handler takes" in rule.page
    (forbidden,) = (entry for entry in own.forbidden if entry.rule == rule.id)
    assert (forbidden.under, forbidden.effects) == (("struct foo.lock",), (Effect.FAULT,))
    (required,) = (entry for entry in own.required if "struct foo.count" in entry.writes)
    assert required.rule == "required-lock-missing"
    assert any((order.outer, order.inner) == ("struct foo.lock", "struct bar.lock") for order in own.orders)


def test_a_disabled_rule_takes_its_declarations_along() -> None:
    assert load().required
    own = load(disable=["required-lock-missing"])
    assert "required-lock-missing" not in own.rules
    assert not any(each.rule == "required-lock-missing" for each in own.required)


def test_a_page_with_a_declaration(tmp_path: Path) -> None:
    sections = "".join(
        f"## {name}\n\n" for name in ("What it does", "Why is this bad", "Known problems", "Example", "Use instead")
    )
    (tmp_path / "foo-order.md").write_text(
        '+++\nid = "foo-order"\ngroup = "order"\nseverity = "warning"\nsummary = "foo first"\n'
        f'[[order]]\nouter = "foo_lock"\ninner = "bar_lock"\nsource = "foo.txt"\n+++\n\n{sections}'
    )
    (order,) = (order for order in load([tmp_path]).orders if order.rule)
    assert (order.rule, order.outer, order.inner) == ("foo-order", "foo_lock", "bar_lock")


def test_a_context_with_several_ways_in(tmp_path: Path) -> None:
    text = """
[context.foo]
call = ["foo_register"]
field = ["struct foo_ops.*"]
functions = ["start"]
argument = [1, 2]
when = "0 < @FOO_LAST and 3 != @FOO_NONE"
holds = ["struct foo.lock:shared"]
source = "foo.c"
"""
    contexts = [context for context in load([written(tmp_path, text)]).contexts if context.name == "foo"]
    calls = [context for context in contexts if context.registration is Registration.ARGUMENT]
    assert [context.argument for context in calls] == [1, 2]
    assert conditions(calls[0].when) == (
        Condition(argument=0, op="<", name="FOO_LAST"),
        Condition(argument=3, op="!=", name="FOO_NONE"),
    )
    assert {context.holder for context in contexts} == {"foo_register", "struct foo_ops.*"}


def test_without_the_built_in(tmp_path: Path) -> None:
    own = load([written(tmp_path, '[family.mine]\nwait_type = "sleep"\ninner = "sleep"\n')], builtin=False)
    assert set(own.families) == {"mine"}
    assert not own.primitives
    assert not own.rules
