# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Paths of changed functions: what they do in order, which branches, what is held on entry, who opposes them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from reviewtool.checks.paths import path_before, path_evidence
from reviewtool.finding.evidence import Act, Actor, PathEvidence
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.route import Route, find_route
from reviewtool.replay.build import build_path
from reviewtool.replay.finding import Run, run_built
from reviewtool.replay.program import Action, Kind
from reviewtool.replay.trace import replay
from reviewtool.replay.verdict import Bound, Verdict
from tests.replay.boxes import changed, function, model, named

BOUND = Bound(states=50_000, seconds=5.0)


def route(code: str, name: str = "f") -> Route:
    """The path of a function."""
    found = find_route(model(code), named(name))
    assert found is not None
    return found


def deeds(found: Route) -> list[str]:
    """`takes lock`, `releases lock`."""
    return [f"{point.deed} {point.cls.name.rpartition('.')[2]}" for point in found.points]


def lock(name: str, verb: str = "lock") -> str:
    """A call of a mutex."""
    return f"mutex_{verb}(&box->{name});"


def unlock(name: str) -> str:
    """Its release."""
    return lock(name, "unlock")


BOTH = ["takes lock", "takes lid", "releases lid", "releases lock"]


@pytest.mark.parametrize(
    "lines",
    [
        (lock("lock"), lock("lid"), unlock("lid"), unlock("lock")),
        ("guard(mutex)(&box->lock);", "scoped_guard(mutex, &box->lid)", "\tbox_look(box);"),
        ("if (box->x)", "\treturn;", lock("lock"), lock("lid"), unlock("lid"), unlock("lock")),
        (lock("lock"), "if (!mutex_trylock(&box->lid))", "\tgoto out;", unlock("lid"), "out:", unlock("lock")),
        (lock("lock"), "while (box->x) {", lock("lid"), unlock("lid"), "}", unlock("lock")),
    ],
    ids=["plain", "guards", "early return", "trylock", "loop"],
)
def test_a_path_has_its_locks_in_order(lines: tuple[str, ...]) -> None:
    assert deeds(route(function("f", *lines))) == BOTH


def test_what_a_callee_does_stands_where_it_is_called() -> None:
    inner = function("inner", lock("lid"), unlock("lid"))
    found = route(inner + function("f", lock("lock"), "inner(box);", unlock("lock")))
    assert deeds(found) == BOTH
    assert [place[0].name for place in found.points[1].way] == ["f", "inner"]


def test_a_callee_that_leaves_a_lock_held_is_followed_on_that_way() -> None:
    take = function("take", "if (box->dead)", "\treturn -ENODEV;", lock("lock"), "return 0;", returns="int")
    found = route(take + function("f", "if (take(box))", "\treturn;", lock("lid"), unlock("lid"), unlock("lock")))
    assert deeds(found) == BOTH
    assert "!box->dead" in [choice.text for choice in found.choices]


def test_only_branches_that_matter_are_told() -> None:
    lines = ("if (box->a)", "\tbox->b = 1;", "if (box->c)", "\treturn;", lock("lock"), unlock("lock"))
    assert [choice.text for choice in route(function("f", *lines)).choices] == ["!box->c"]


def test_correlated_branches_stay_together() -> None:
    lines = ("if (w)", "\tdown_write(&box->in);", "else", "\tdown_read(&box->in);",
             "if (w)", "\tup_write(&box->in);", "else", "\tup_read(&box->in);")  # fmt: skip
    found = route(function("f", *lines, parameters="struct box *box, int w"))
    assert deeds(found) == ["takes in", "releases in"]
    assert {point.mode for point in found.points} == {found.points[0].mode}


def test_a_downgrade_is_one() -> None:
    found = route(function("f", "down_write(&box->in);", "downgrade_write(&box->in);", "up_read(&box->in);"))
    assert deeds(found) == ["takes in", "downgrades in", "releases in"]


def test_a_lock_of_the_callers_is_given_up_and_taken_again() -> None:
    code = function("f", unlock("lock"), lock("lid"), unlock("lid"), lock("lock"))
    found = route(code)
    assert deeds(found) == ["releases lock", "takes lid", "releases lid", "takes lock"]
    assert (found.held, found.owed) == ((), ())
    own = shown(code, "f").evidence[0]
    assert [(move.act, move.cls.label) for move in own.moves[:2]] == [
        (Act.HOLDS, "box->lock"),
        (Act.RELEASES, "box->lock"),
    ]


def shown(code: str, name: str, before: str = "") -> PathEvidence:
    """The evidence of a function that a patch brings; `before` is the file without it."""
    old = model(before)
    return path_evidence(changed(old, code), old, named(name))


def run(path: PathEvidence, *, preempt_rt: bool = False) -> Run:
    """Its run; the schedule repeats it."""
    built = build_path(path.evidence, "path", preempt_rt=preempt_rt)
    assert built is not None
    found = run_built(built, BOUND)
    assert found is not None
    if found.outcome.verdict.trouble:
        assert replay(found.program, found.outcome.schedule).verdict is found.outcome.verdict
    return found


def pair(name: str, first: str, then: str) -> str:
    """A function that takes one lock inside another."""
    return function(name, lock(first), lock(then), unlock(then), unlock(first))


def test_an_opposite_way_is_found() -> None:
    old = pair("other", "lid", "lock")
    path = shown(old + pair("f", "lock", "lid"), "f", old)
    assert (path.edge, path.new, path.opposite) == (("box->lock", "box->lid"), True, True)
    assert run(path).outcome.verdict is Verdict.DEADLOCK


def chain(*names: str) -> str:
    """Functions that take each lock inside the one before."""
    return "".join(pair(f"{a}_{b}", a, b) for a, b in pairwise(names))


LONG = tuple(f"l{number}" for number in range(6))
MANY = "\nstruct box { " + " ".join(f"struct mutex {name};" for name in LONG) + " };\n"


@pytest.mark.parametrize(("length", "opposite"), [(3, True), (5, True), (6, False)])
def test_chains_of_up_to_five_classes(length: int, opposite: bool) -> None:
    names = LONG[:length]
    old = chain(*names).replace("box->", "jar->").replace("struct box *box", "struct jar *jar")
    old = MANY.replace("box", "jar") + old
    new = pair("f", names[-1], names[0]).replace("box->", "jar->").replace("struct box *box", "struct jar *jar")
    path = shown(old + new, "f", old)
    assert path.opposite is opposite
    found = run(path)
    assert found.outcome.verdict is (Verdict.DEADLOCK if opposite else Verdict.NONE)
    assert len(found.program.contexts) == (length if opposite else 2)


@pytest.mark.parametrize(
    ("first", "then", "opposite"), [("write", "write", True), ("read", "read", True), ("recursive", "recursive", False)]
)
def test_kinds_of_readers_are_respected(first: str, then: str, opposite: bool) -> None:
    """Recursive readers of an rwlock pass waiting writers, those of an rwsem do not."""
    locks = {
        "write": ("down_write(&box->in);", "up_write(&box->in);"),
        "read": ("down_read(&box->in);", "up_read(&box->in);"),
        "recursive": ("rcu_read_lock();", "rcu_read_unlock();"),
    }
    spin, free = "spin_lock(&box->count_lock);", "spin_unlock(&box->count_lock);"
    old = function("other", locks[then][0], spin, free, locks[then][1])
    path = shown(old + function("f", spin, locks[first][0], locks[first][1], free), "f", old)
    assert path.opposite is opposite


def test_what_callers_hold_is_acquired_first() -> None:
    callee = function("f", lock("lid"), unlock("lid"))
    caller = function("caller", lock("lock"), "f(box);", unlock("lock"))
    ops = "static const struct file_operations ops = { .unlocked_ioctl = root };\n"
    root = function("root", "caller(file->private_data);", "return 0;", returns="long",
                    parameters="struct file *file, unsigned int op, unsigned long arg")  # fmt: skip
    path = shown(callee + caller + root + ops, "f")
    own = path.evidence[0]
    assert [(move.act, move.cls.label) for move in own.moves] == [
        (Act.HOLDS, "box->lock"),
        (Act.TAKES, "box->lid"),
        (Act.RELEASES, "box->lid"),
    ]
    found = run(path)
    entry = found.program.contexts[0].events[0]
    assert (entry.action, entry.entry) == (Action.ACQUIRE, True)
    assert entry.source is not None
    assert entry.source.function == "caller"


def test_what_is_asserted_is_acquired_first() -> None:
    path = shown(function("f", "lockdep_assert_held(&box->key);", lock("lid"), unlock("lid")), "f")
    assert path.evidence[0].moves[0].cls.label == "box->key"
    assert path.evidence[0].moves[0].act is Act.HOLDS


def test_a_cycle_through_a_caller_is_seen_from_the_callee() -> None:
    callee = function("f", lock("lid"), unlock("lid"))
    old = pair("other", "lid", "lock") + function("caller", lock("lock"), "f(box);", unlock("lock"))
    path = shown(callee + old, "f", old)
    assert (path.edge, path.opposite) == (("box->lock", "box->lid"), True)
    assert run(path).outcome.verdict is Verdict.DEADLOCK


def test_before_the_patch_the_same_ways_complete() -> None:
    old = pair("other", "lid", "lock") + function("f", lock("lock"), unlock("lock"))
    new = pair("other", "lid", "lock") + pair("f", "lock", "lid")
    one = model(old)
    two = changed(one, new)
    path = path_evidence(two, one, named("f"))
    before = PathEvidence(evidence=path_before(one, named("f"), path))
    assert run(path).outcome.verdict is Verdict.DEADLOCK
    assert run(before).outcome.verdict is Verdict.NONE


WORK = """
static void job(struct work_struct *work)
{
	struct box *box = container_of(work, struct box, work);

	mutex_lock(&box->lock);
	mutex_unlock(&box->lock);
}
static void box_init(struct box *box)
{
	INIT_WORK(&box->work, job);
}
"""


def test_work_runs_in_a_worker_and_never_beside_itself() -> None:
    path = shown(WORK, "job")
    (own,) = path.evidence
    assert own.kind == "worker"
    assert run(path).program.contexts[0].kind is Kind.WORKER


def test_preempt_rt_makes_spinlocks_sleep() -> None:
    lines = ("raw_spin_lock(&box->raw);", "spin_lock(&box->count_lock);", "spin_unlock(&box->count_lock);",
             "raw_spin_unlock(&box->raw);")  # fmt: skip
    path = shown(function("f", *lines), "f")
    assert run(path).outcome.verdict is Verdict.NONE
    assert run(path, preempt_rt=True).outcome.verdict is Verdict.SLEEP_IN_ATOMIC
    masked = shown(function("f", "unsigned long flags;", "spin_lock_irqsave(&box->count_lock, flags);",
                            "mutex_lock(&box->lock);", "mutex_unlock(&box->lock);",
                            "spin_unlock_irqrestore(&box->count_lock, flags);"), "f")  # fmt: skip
    found = run(masked)
    assert found.outcome.verdict is Verdict.SLEEP_IN_ATOMIC
    assert any(event.with_lock for event in found.program.contexts[0].events)


def test_two_locks_of_a_class_are_told_apart_and_a_reader_is_not() -> None:
    two = shown(function("f", "mutex_lock(&one->lock);", "mutex_lock_nested(&two->lock, 1);",
                         "mutex_unlock(&two->lock);", "mutex_unlock(&one->lock);",
                         parameters="struct box *one, struct box *two"), "f")  # fmt: skip
    assert [move.instance for move in two.evidence[0].moves] == ["", "a second one", "a second one", ""]
    assert run(two).outcome.verdict is Verdict.NONE
    read = ("int a = srcu_read_lock(&box->srcu);", "int b = srcu_read_lock(&box->srcu);")
    again = shown(function("f", *read, "srcu_read_unlock(&box->srcu, b);", "srcu_read_unlock(&box->srcu, a);"), "f")
    assert {move.instance for move in again.evidence[0].moves} == {""}


def test_a_function_without_locks_has_no_path() -> None:
    found: LockModel = model(function("f", "box->x = 1;"))
    assert path_evidence(found, None, named("f")).evidence == ()
    assert find_route(found, named("nobody")) is None
    assert build_path((Actor(moves=()),), "nothing") is None
