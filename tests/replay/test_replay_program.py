# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Programs that make no sense are refused with what is wrong."""

from __future__ import annotations

import pytest

from reviewtool.replay.explore import explore
from reviewtool.replay.program import (
    Action,
    Context,
    Event,
    Kind,
    Machine,
    Object,
    Program,
    ProgramError,
    Start,
    from_json,
)
from tests.oracle.notation import context, program

MUTEX = "a: mutex"


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (program("", MUTEX, ("0", "lock:b")), "0, event 0: there is no object 'b'"),
        (program("", MUTEX, ("0", "signal:a")), "0, event 0: nothing can signal a mutex"),
        (program("", MUTEX, ("0", "unlock:a")), "context '0', event 0: cannot release 'a': it is not held"),
        (program("", "i: irq", ("0", "unlock:i")), "context '0', event 0: cannot release 'i': it is not held"),
        (program("", MUTEX, ("0", "lock:a unlock:a unlock:a")), "event 2: cannot release 'a'"),
        (program("", MUTEX, ("0", "try:a")), "event 0: no release matches this trylock"),
        (program("", MUTEX, ("0", "lock:a unlock:a try:a>1")), "event 2: it may go on only further down"),
        (program("", "a a: mutex", ("0", "")), "two objects are named 'a'"),
        (program("", MUTEX, ("0", ""), ("0", "")), "two contexts are named '0'"),
        (program("", MUTEX), "0 contexts"),
        (program("", MUTEX, ("0", "begin:a")), "begin is not for programs"),
        (program("", MUTEX, context("i", "", kind=Kind.HARDIRQ)), "an interrupt needs a CPU"),
        (program("", MUTEX, ("0", "lock:a " * 63)), "more than 62 locks"),
        (program("", "k: kthread", ("0", "await:k")), "only the thread itself"),
        (program("", "w@a: work; a: mutex", ("0", "")), "'a' is no workqueue"),
        (program("", "a: rwsem", ("0", "read:a downgrade:a")), "it is not held exclusively"),
    ],
)
def test_nonsense_is_refused(case: Program, said: str) -> None:
    with pytest.raises(ProgramError, match=said):
        explore(case)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (Context(name="x", kind=Kind.SOFTIRQ, cpu=0), "never running from the beginning"),
        (Context(name="x", start=Start.INTERRUPT), "only an interrupt may start at any point"),
        (Context(name="x", start=Start.SIGNALLED), "started by a target, and has none"),
        (Context(name="x", start=Start.SIGNALLED, target="a"), "'a' is nothing that it could run for"),
        (Context(name="x", runs=2), "only what is started can run more than once"),
        (Context(name="x", kind=Kind.WORKER, start=Start.SIGNALLED, target="w", runs=0), "it runs 0 times"),
        (Context(name="x", events=(Event(action=Action.SLEEP),) * 1001), "1001 events"),
    ],
)
def test_contexts_that_cannot_be_are_refused(bad: Context, said: str) -> None:
    objects = (Object(name="a", machine=Machine.MUTEX), Object(name="w", machine=Machine.WORK))
    with pytest.raises(ProgramError, match=said):
        explore(Program(name="", objects=objects, contexts=(bad,)))


def test_a_target_has_one_context() -> None:
    twice = program(
        "", "w: work", context("v", "", runs="w", machine="work"), context("w", "", runs="w", machine="work")
    )
    with pytest.raises(ProgramError, match="'w' has a context already"):
        explore(twice)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not a program"),
        ("[]", "not a program"),
        ('{"name": "x", "objects": [{"name": "a", "machine": "gate"}], "contexts": []}', "machine"),
        ('{"name": "x", "objects": [], "contexts": [], "version": 2}', "only version 1"),
        (b"\xff\xfe", "not a program"),
    ],
)
def test_json_that_is_no_program_is_refused(text: str | bytes, said: str) -> None:
    with pytest.raises(ProgramError, match=said):
        from_json(text)
