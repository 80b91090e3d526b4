# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The built-in data: its parts fit together, and it names what the kernel really has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from reviewtool.ruleset import load
from reviewtool.ruleset.files import builtin_directory
from reviewtool.ruleset.model import Effect, Group, Mode, Ruleset, Success, WaitType
from reviewtool.ruleset.pages import SECTIONS

MOST_ARGUMENTS = 12
"""No kernel function that these tables name has more."""


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return load()


def test_arguments_are_those_of_real_calls(ruleset: Ruleset) -> None:
    for primitive in ruleset.primitives.values():
        for operation in primitive.operations:
            numbers = (operation.subject, operation.instance, operation.nested, operation.nest_lock)
            for number in numbers:
                assert not isinstance(number, int) or 0 <= number < MOST_ARGUMENTS, primitive.name


def test_states_of_the_cpu_take_no_argument_and_give_no_order(ruleset: Ruleset) -> None:
    for name, family in ruleset.families.items():
        if name.startswith("@"):
            assert (family.reentrant, family.order, family.types) == (True, False, ()), name
    for primitive in ruleset.primitives.values():
        for operation in primitive.operations:
            if operation.family.startswith("@"):
                assert operation.subject == operation.family, primitive.name


def test_what_can_be_acquired_can_be_released_in_the_same_mode(ruleset: Ruleset) -> None:
    released = {
        (operation.family, operation.mode)
        for primitive in ruleset.primitives.values()
        for operation in primitive.operations
        if operation.effect is Effect.RELEASE
    }
    for primitive in ruleset.primitives.values():
        for operation in primitive.operations:
            if operation.effect is Effect.ACQUIRE:
                assert {(operation.family, operation.mode), (operation.family, None)} & released, primitive.name


def test_a_family_of_readers_only_is_never_taken_exclusively(ruleset: Ruleset) -> None:
    for primitive in ruleset.primitives.values():
        for operation in primitive.operations:
            family = ruleset.families.get(operation.family)
            if family and not family.exclusive and operation.effect in (Effect.ACQUIRE, Effect.RELEASE):
                assert operation.mode is Mode.RECURSIVE, primitive.name


def test_a_trylock_says_how_it_ended(ruleset: Ruleset) -> None:
    for primitive in ruleset.primitives.values():
        if "try" in primitive.name and "lock" in primitive.name:
            for operation in primitive.operations:
                if operation.effect is Effect.ACQUIRE and not primitive.name.startswith("lock_map"):
                    assert operation.success is not Success.ALWAYS, primitive.name


def test_guards_call_primitives(ruleset: Ruleset) -> None:
    for guard in ruleset.guards.values():
        for name in (guard.acquire, guard.release):
            assert not name or name in ruleset.primitives, guard.name
        acquired = ruleset.primitives[guard.acquire].operations
        assert guard.conditional == any(op.success is not Success.ALWAYS for op in acquired), guard.name


def test_a_guard_gives_back_what_it_took(ruleset: Ruleset) -> None:
    for guard in ruleset.guards.values():
        taken = [op.family for op in ruleset.primitives[guard.acquire].operations if op.effect is Effect.ACQUIRE]
        given = ruleset.primitives[guard.release].operations if guard.release else ()
        assert sorted(taken) == sorted(op.family for op in given), guard.name


def test_conditional_guards_are_known_to_the_parser(ruleset: Ruleset) -> None:
    assert "mutex_try" in ruleset.syntax.conditional
    assert "mutex" not in ruleset.syntax.conditional


def test_the_wait_types_of_lockdep(ruleset: Ruleset) -> None:
    assert ruleset.families["mutex"].wait_type is WaitType.SLEEP
    assert ruleset.families["spinlock"].inner is WaitType.CONFIG
    assert ruleset.families["raw-spinlock"].inner is WaitType.SPIN
    assert ruleset.families["@rcu"].inner is WaitType.CONFIG


def test_every_type_belongs_to_one_family(ruleset: Ruleset) -> None:
    seen: dict[str, str] = {}
    for family in ruleset.families.values():
        for kind in family.types:
            assert seen.setdefault(kind, family.name) == family.name


def test_contexts_hold_nothing_in_file_operations(ruleset: Ruleset) -> None:
    contexts = [context for context in ruleset.contexts if context.name == "file-operations"]
    assert contexts
    assert all(not context.holds and context.kind == "task" and context.sleeps for context in contexts)


def test_the_scheduler_holds_its_lock_on_the_way_out_only(ruleset: Ruleset) -> None:
    holds = {context.name: context.holds for context in ruleset.contexts}
    assert "struct rq.__lock" in holds["preempt-sched-out"]
    assert "struct rq.__lock" not in holds["preempt-sched-in"]


def test_what_waits_for_a_callback_waits_for_its_subject(ruleset: Ruleset) -> None:
    for context in ruleset.contexts:
        if context.name.startswith(("work", "timer", "tasklet", "hrtimer")) and "work-on" not in context.name:
            assert context.subject, context.name


def test_a_handler_with_interrupts_off_does_not_sleep(ruleset: Ruleset) -> None:
    for context in ruleset.contexts:
        if "@irq" in context.holds or "@preempt" in context.holds or context.kind != "task":
            assert not context.sleeps, context.name


def test_the_order_of_the_document_that_never_changes(ruleset: Ruleset) -> None:
    pairs = {(order.outer, order.inner) for order in ruleset.orders}
    assert ("struct kvm.lock", "struct kvm_vcpu.mutex") in pairs
    for outer, inner in pairs:
        assert (inner, outer) not in pairs


def test_every_page_can_be_read_and_has_examples(ruleset: Ruleset) -> None:
    for name, rule in ruleset.rules.items():
        assert rule.id == name
        assert Path(rule.path).parent.name == rule.group
        if rule.group in (Group.DOC, Group.CHANGELOG):
            continue  # one C file cannot show them: their examples are run with a document or a mail beside it
        by_section = {section: [e for e in rule.examples if e.section == section] for section in SECTIONS}
        assert any(wanted == name for e in by_section["Example"] for _, wanted in e.wanted), name
        assert [e.wanted for e in by_section["Use instead"]] in ([()], [(), ()]), name
        assert by_section["Known problems"], name


def test_examples_name_rules_that_exist(ruleset: Ruleset) -> None:
    for rule in ruleset.rules.values():
        for example in rule.examples:
            assert {wanted for _, wanted in example.wanted} <= set(ruleset.rules), rule.id


# --- against real kernel source ---------------------------------------------------------------------------------------

_WORD = re.compile(r"\w+")


@lru_cache(maxsize=4096)
def words_of(path: Path) -> frozenset[str]:
    return frozenset(_WORD.findall(path.read_text(errors="replace"))) if path.is_file() else frozenset()


def named() -> Iterator[tuple[str, str]]:
    """(name, file of the kernel) of everything that the tables say stands in a file."""
    for path in builtin_directory().rglob("*.toml"):
        tables = tomllib.loads(path.read_text())
        for kind in ("primitive", "guard", "definer", "type", "outside"):
            for source, entries in tables.get(kind, {}).items():
                for name in entries:
                    stem = re.sub(r"_(try|intr|kill)\Z", "", name) if kind == "guard" else name
                    yield stem, source


@pytest.mark.kernel_tree
def test_names_stand_in_the_files_that_they_are_said_to_come_from(kernel_tree: Callable[[str], Path]) -> None:
    trees = [kernel_tree("6.1"), kernel_tree("6.12")]
    missing = [
        f"{name} in {source}"
        for name, source in named()
        if "@" not in source and not any(name in words_of(tree / source) for tree in trees)
    ]
    assert missing == []


@pytest.mark.kernel_tree
def test_sources_of_contexts_exist(kernel_tree: Callable[[str], Path], ruleset: Ruleset) -> None:
    trees = [kernel_tree("6.1"), kernel_tree("6.12")]
    for source in {context.source for context in ruleset.contexts}:
        parts = source.split("/")
        if any((tree / "/".join(parts[:-1])).is_dir() for tree in trees):
            assert any((tree / source).is_file() for tree in trees), source
