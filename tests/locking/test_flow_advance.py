# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The model of the next snapshot is the one that a fresh build gives."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewtool.checks.registry import findings_of
from reviewtool.locking.assembly import advance, build_program, changed_functions
from reviewtool.locking.lockmodel import LockModel
from reviewtool.tree.memory import MemorySnapshot
from tests.locking.flows import PATH, SCOPE, TYPES, library

BODIES = (
    "mutex_lock(&x->m0); {next} mutex_unlock(&x->m0); return 0;",
    "mutex_lock(&x->m1); {next} mutex_unlock(&x->m1); return 0;",
    "mutex_lock(&x->m0); if (x->n) return -EINVAL; mutex_unlock(&x->m0); return 0;",
    "mutex_lock(&x->m0); return 0;",
    "mutex_unlock(&x->m0); return 0;",
    "{next} return 0;",
    "if (!mutex_trylock(&x->m1)) return -EBUSY; {next} mutex_unlock(&x->m1); return 0;",
    "x->run(x); return 0;",
    "x->run = {name}; {next} return 0;",
    "",
)
NAMES = ("one", "two", "three", "four")

Choice = tuple[int, ...]
choices = st.tuples(*[st.integers(0, len(BODIES) - 1) for _ in NAMES])


def code(choice: Choice) -> str:
    """Four functions, each of which may call the next one; a body of "" leaves one out."""
    lines = [TYPES.replace("int n;", "int n; int (*run)(struct box *x);")]
    lines.extend(f"int {name}(struct box *x);" for name in NAMES)
    for index, name in enumerate(NAMES):
        following = NAMES[(index + 1) % len(NAMES)]
        body = BODIES[choice[index]].format(next=f"{following}(x);", name=following)
        if body:
            lines.append(f"int {name}(struct box *x)\n{{\n\t{body}\n}}")
    return "\n".join(lines) + "\n"


def told(model: LockModel) -> set[tuple[str, str]]:
    """The findings; where a cycle is told depends on what changed."""
    return {(key, finding.rule) for key, finding in findings_of((model,)).items()}


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(choices, st.lists(choices, min_size=1, max_size=3))
def test_advancing_is_building_anew(first: Choice, later: list[Choice]) -> None:
    snapshot = MemorySnapshot({PATH: code(first)})
    model = LockModel.build("", build_program(library(), snapshot, SCOPE, ""))
    for number, choice in enumerate(later, 1):
        snapshot = MemorySnapshot({PATH: code(choice)}, number, snapshot)
        old = model.linker
        new = advance(library(), old, snapshot, snapshot.changed())  # type: ignore[arg-type]
        if new is not old:
            model = model.advance(new, changed_functions(old, new))  # type: ignore[arg-type]
        fresh = LockModel.build("", build_program(library(), snapshot, SCOPE, ""))
        assert dict(model.summaries) == dict(fresh.summaries)
        assert told(model) == told(fresh)


def test_a_lock_of_another_kind_reaches_those_who_only_call() -> None:
    text = """
struct job {{ {kind} lock; }};
static void inner(struct job *j)
{{
	{take}(&j->lock);
	{give}(&j->lock);
}}
void outer(struct job *j)
{{
	preempt_disable();
	inner(j);
	preempt_enable();
}}
"""
    spin = text.format(kind="spinlock_t", take="spin_lock", give="spin_unlock")
    mutex = text.format(kind="struct mutex", take="mutex_lock", give="mutex_unlock")
    first = build_program(library(), MemorySnapshot({PATH: spin}), SCOPE, "")
    second = advance(library(), first, MemorySnapshot({PATH: mutex}), (PATH,))
    model = LockModel.build("", first).advance(second, changed_functions(first, second))
    assert "sleep-in-atomic" in {finding.rule for finding in findings_of((model,)).values()}
