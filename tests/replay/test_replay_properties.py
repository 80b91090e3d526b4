# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What holds for every program."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewtool.replay.explore import explore
from reviewtool.replay.program import Machine, Program, from_json, to_json
from reviewtool.replay.render_text import render_text
from reviewtool.replay.schedule import decode, encode
from reviewtool.replay.system import System
from reviewtool.replay.trace import Trace, What, replay
from reviewtool.replay.verdict import Verdict
from reviewtool.ruleset.model import Mode
from tests.oracle.generate import generate

programs = st.integers(1, 1_000_000).map(generate)
quick = settings(max_examples=120, deadline=None, derandomize=True, database=None)


def walk(program: Program, seed: int) -> str:
    """A random schedule, until nothing can go on."""
    system, random = System(program), Random(seed)
    steps: list[int] = []
    state = system.initial()
    while True:
        after = {
            context: found
            for context in range(system.size)
            if not system.finished(state, context) and (found := system.step(state, context)) is not None
        }
        if not after:
            return encode(steps)
        context = random.choice(sorted(after))
        steps.append(context)
        state = after[context]


@quick
@given(programs)
def test_the_schedule_leads_to_the_trouble_and_not_before(program: Program) -> None:
    outcome = explore(program)
    if not outcome.verdict.trouble:
        return
    trace = replay(program, outcome.schedule)
    assert trace.verdict == outcome.verdict
    assert outcome.steps == len(decode(outcome.schedule))
    if outcome.steps:
        before = replay(program, encode(decode(outcome.schedule)[:-1]))
        assert before.verdict is None or before.verdict is Verdict.NONE


@quick
@given(programs)
def test_the_reduction_changes_no_verdict(program: Program) -> None:
    for atomic, deadlocks in ((True, False), (False, True)):
        reduced = explore(program, atomic=atomic, deadlocks=deadlocks)
        full = explore(program, atomic=atomic, deadlocks=deadlocks, reduce=False)
        assert (reduced.verdict, reduced.steps) == (full.verdict, full.steps)
        assert reduced.verdict.trouble or reduced.states <= full.states


@quick
@given(programs, st.integers(0, 1000))
def test_no_random_run_gets_stuck_where_the_verdict_is_none(program: Program, seed: int) -> None:
    verdict = explore(program).verdict
    trace = replay(program, walk(program, seed))
    assert trace.verdict is not None
    assert verdict.trouble or trace.verdict is Verdict.NONE


@quick
@given(programs, st.integers(0, 1000))
def test_an_exclusive_holder_is_alone(program: Program, seed: int) -> None:
    trace = replay(program, walk(program, seed))
    machines = {item.name: item.machine for item in program.objects}
    several = {Machine.SEMAPHORE, Machine.COUNT, Machine.LINE, Machine.LOCAL_LOCK}
    masks = {Machine.IRQ, Machine.SOFTIRQ, Machine.PREEMPT}
    for row in trace.rows:
        for context, held in enumerate(row.held):
            for item in held:
                machine = machines[item.object]
                if item.mode is Mode.EXCLUSIVE and machine not in several | masks:
                    assert holders(trace, row.number, item.object, machine) == {context}


def holders(trace: Trace, number: int, name: str, machine: Machine) -> set[int]:
    """Who holds an object after a step; a sequence's readers do not hold it."""
    row = next(row for row in trace.rows if row.number == number)
    return {
        context
        for context, held in enumerate(row.held)
        for item in held
        if item.object == name and not (machine is Machine.SEQLOCK and item.mode is not Mode.EXCLUSIVE)
    }


@quick
@given(programs)
def test_json_brings_the_program_back(program: Program) -> None:
    assert from_json(to_json(program)) == program


@given(st.lists(st.integers(0, 25), max_size=60))
def test_a_schedule_string_brings_the_steps_back(steps: list[int]) -> None:
    assert decode(encode(steps)) == tuple(steps)


@quick
@given(programs, st.integers(0, 1000))
def test_every_step_of_a_run_is_a_row(program: Program, seed: int) -> None:
    schedule = walk(program, seed)
    rows = [row for row in replay(program, schedule).rows if row.what not in (What.STUCK, What.SLEEPS)]
    assert tuple(row.context for row in rows) == decode(schedule)


def states(program: Program, schedule: str) -> list[tuple[object, ...]]:
    """The state after each step: where each context is, its masks, the value of each object."""
    system = System(program)
    state = system.initial()
    found = []
    for context in decode(schedule):
        after = system.step(state, context)
        assert after is not None
        state = after
        values = (system.value(state, slot) for slot in range(len(program.objects)))
        found.append((state[: 2 * system.size], *values))
    return found


@quick
@given(programs, st.integers(0, 1000))
def test_a_schedule_that_was_printed_comes_to_the_same_states(program: Program, seed: int) -> None:
    schedule = walk(program, seed)
    trace = replay(program, schedule)
    printed = render_text(trace).rstrip().rpartition("schedule ")[2].replace("(no step)", "")
    again = from_json(to_json(program))
    assert states(again, printed) == states(program, schedule)
    assert replay(again, printed) == trace
