# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A schedule repeats exactly, fits its program or says that it does not, and is shown in four ways."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from reviewtool.replay.explore import explore
from reviewtool.replay.program import Kind, Object, Program
from reviewtool.replay.render_json import render_json
from reviewtool.replay.render_lockdep import render_lockdep
from reviewtool.replay.render_svg import render_svg
from reviewtool.replay.render_text import render_text
from reviewtool.replay.schedule import ScheduleError
from reviewtool.replay.trace import Trace, replay
from reviewtool.replay.verdict import Verdict
from tests.oracle.notation import context, program

ABBA = program(
    "both orders",
    "a b: mutex",
    ("CPU 0", "lock:a lock:b unlock:b unlock:a"),
    ("CPU 1", "lock:b lock:a unlock:a unlock:b"),
)
INVERSION = program(
    "inversion",
    "safe unsafe: spinlock; off: irq",
    context("writer", "lock:unsafe unlock:unsafe", cpu=0),
    context("other", "lock:off lock:safe lock:unsafe unlock:unsafe unlock:safe unlock:off", cpu=1),
    context("irq", "lock:safe unlock:safe", kind=Kind.HARDIRQ, cpu=0),
)


def found(case: Program) -> Trace:
    return replay(case, explore(case).schedule)


def test_the_table_shows_steps_holders_and_waits() -> None:
    assert render_text(found(ABBA)) == (
        "step  a CPU 0 (task)           b CPU 1 (task)\n"
        "----  -----------------------  -----------------------\n"
        "   1  x.c:1  lock(a)\n"
        "   2                           x.c:1  lock(b)\n"
        "      x.c:2  lock(b)  [waits]\n"
        "                               x.c:2  lock(a)  [waits]\n"
        "\n"
        "CPU 0 holds a\n"
        "CPU 1 holds b\n"
        "*** DEADLOCK ***\n"
        "CPU 0 waits for CPU 1 (b)\n"
        "CPU 1 waits for CPU 0 (a)\n"
        "schedule ab\n"
    )


def test_lockdeps_table() -> None:
    assert render_lockdep(found(ABBA)) == (
        " Possible unsafe locking scenario:\n"
        "\n"
        "       CPU0                    CPU1\n"
        "       ----                    ----\n"
        "  lock(a);\n"
        "                               lock(b);\n"
        "  lock(b);\n"
        "                               lock(a);\n"
        "\n"
        " *** DEADLOCK ***\n"
    )


def test_lockdeps_table_with_an_interrupt() -> None:
    assert render_lockdep(found(INVERSION)) == (
        " Possible interrupt unsafe locking scenario:\n"
        "\n"
        "       CPU0                    CPU1\n"
        "       ----                    ----\n"
        "  lock(unsafe);\n"
        "                               /* interrupts off */\n"
        "                               lock(safe);\n"
        "                               lock(unsafe);\n"
        "  <Interrupt>\n"
        "    lock(safe);\n"
        "\n"
        " *** DEADLOCK ***\n"
    )


def test_lockdeps_table_has_readers_and_grace_periods() -> None:
    case = program(
        "grace period",
        "s: srcu; a: rwsem",
        ("0", "lock:a wait:s unlock:a"),
        ("1", "recursive:s read:a unread:a unlock:s"),
    )
    statements = [line.strip() for line in render_lockdep(found(case)).splitlines() if line.endswith(";")]
    assert sorted(statements) == ["lock(a);", "rlock(a);", "rlock(s);", "sync(s);"]


def test_lockdep_has_no_table_for_a_lost_wakeup_or_a_sleep() -> None:
    lost = program("lost", "q: wait-queue", ("0", "test:q>4 prepare:q wait:q finish:q"), ("1", "set:q signal:q"))
    asleep = program("asleep", "a: spinlock; b: mutex", ("0", "lock:a lock:b unlock:b unlock:a"))
    assert [render_lockdep(found(lost)), render_lockdep(found(asleep))] == ["", ""]
    assert "LOST WAKE-UP" in render_text(found(lost))
    assert "a spinlock held" in render_text(found(asleep))


def test_what_an_interrupt_stopped_cannot_run() -> None:
    text = render_text(found(INVERSION))
    assert "unlock(unsafe)  [cannot run]" in text
    assert "writer waits for irq (the CPU)" in text


def test_the_same_schedule_gives_the_same_trace() -> None:
    assert replay(ABBA, "a2a2b4") == replay(ABBA, "a2a2b4")
    assert replay(ABBA, "a4b4").rows == replay(ABBA, " A2a2B4 ").rows


def test_a_schedule_may_end_early_or_at_the_end() -> None:
    assert replay(ABBA, "a").verdict is None
    assert "could go on" in render_text(replay(ABBA, "a"))
    assert replay(ABBA, "a4b4").verdict is Verdict.NONE


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("b2b2b", "step 5: CPU 1 has nothing more to do"),
        ("abb", "step 3: CPU 1 cannot go on"),
        ("abc", "step 3: there is no context c"),
        ("a-b", "not a schedule"),
        ("3a", "not a schedule"),
        ("a0", "a count is at least 1"),
        ("é", "not a schedule"),
        ("a9999" * 11, "more than 100,000 steps"),
    ],
)
def test_a_schedule_that_does_not_fit_is_refused(schedule: str, said: str) -> None:
    with pytest.raises(ScheduleError, match=said):
        replay(ABBA, schedule)


def test_json_has_every_step() -> None:
    trace = found(ABBA)
    data = json.loads(render_json(trace))
    assert (data["schedule"], data["verdict"]) == ("ab", "deadlock")
    assert [step["context"] for step in data["steps"]] == ["CPU 0", "CPU 1", "CPU 0", "CPU 1"]
    assert data["steps"][0]["source"]["line"] == 1
    assert data["cycle"][0]["for"] == ["CPU 1"]


def test_the_picture_is_well_formed_whatever_the_names_are() -> None:
    hostile = "<script>&\"'\x1b[31m‮]]>"
    case = Program(
        name=hostile,
        objects=tuple(
            Object(name=item.name, machine=item.machine, label=f"{hostile}{item.name}") for item in ABBA.objects
        ),
        contexts=ABBA.contexts,
    )
    picture = render_svg(found(case))
    root = ET.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not root.findall(".//{*}script")
    assert "\x1b" not in picture + render_text(found(case)) + render_lockdep(found(case))
    assert "‮" not in picture


def test_the_picture_has_a_bar_for_each_time_that_a_lock_is_held() -> None:
    root = ET.fromstring(render_svg(replay(ABBA, "a4b4")))
    bars = [bar.findtext("{*}title") for bar in root.findall(".//{*}rect") if bar.find("{*}title") is not None]
    assert sorted(filter(None, bars)) == ["a", "a", "b", "b"]
    texts = [text.text for text in root.findall(".//{*}text")]
    assert "no deadlock on this schedule" in texts
