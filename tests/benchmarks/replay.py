# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""How long explorations take: `python tests/benchmarks/replay.py [--rounds N]` prints a table.

The goals: two contexts of 20 events each in 50 ms, three of 30 in 1 s, on one core: time of the processor is counted,
so that other programs on the machine do not matter.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from random import Random

from reviewtool.replay.explore import explore
from reviewtool.replay.program import Action, Context, Event, Kind, Machine, Object, Program, Start
from reviewtool.ruleset.model import Mode

KINDS = (Machine.MUTEX, Machine.RWSEM, Machine.SRCU, Machine.PERCPU_RWSEM, Machine.RWLOCK, Machine.SPINLOCK)


def nested(random: Random, names: list[str], machines: dict[str, Machine], events: int) -> tuple[Event, ...]:
    """Pairs of locks in the order of the list, so that nothing deadlocks and all has to be seen."""
    made: list[Event] = []
    while len(made) + 4 <= events:
        pair = sorted(random.sample(range(len(names)), 2))
        chosen = [names[at] for at in pair]
        modes = [
            Mode.RECURSIVE if machines[name] is Machine.SRCU else random.choice((Mode.EXCLUSIVE, Mode.SHARED))
            for name in chosen
        ]
        both = list(zip(chosen, modes, strict=True))
        made += [Event(action=Action.ACQUIRE, target=name, mode=mode) for name, mode in both]
        made += [Event(action=Action.RELEASE, target=name, mode=mode) for name, mode in reversed(both)]
    made += [Event(action=Action.SLEEP)] * (events - len(made))
    return tuple(made)


def contended(seed: int, contexts: int, events: int, objects: int, machine: Machine | None) -> Program:
    """All contexts take locks of one small set, all the time."""
    random = Random(seed)
    machines = {f"l{n}": machine or KINDS[n % len(KINDS)] for n in range(objects)}
    names = list(machines)
    return Program(
        name=f"{contexts} x {events}",
        objects=tuple(Object(name=name, machine=kind) for name, kind in machines.items()),
        contexts=tuple(Context(name=f"c{n}", events=nested(random, names, machines, events)) for n in range(contexts)),
    )


def masked(events: tuple[Event, ...]) -> Iterator[Event]:
    """Each pair of locks becomes one lock with interrupts off."""
    for at, event in enumerate(events):
        yield Event(action=event.action, target="off") if at % 4 in (0, 3) else event


def interrupted(seed: int, contexts: int, events: int, objects: int, machine: Machine | None) -> Program:
    """The same with the last context as an interrupt on the first one's CPU."""
    plain = contended(seed, contexts, events, objects, machine)
    first, *between, last = plain.contexts
    on_cpu = Context(name=first.name, cpu=0, events=tuple(masked(first.events)))
    handler = Context(name=last.name, cpu=0, kind=Kind.HARDIRQ, start=Start.INTERRUPT, events=last.events)
    with_mask = (*plain.objects, Object(name="off", machine=Machine.IRQ))
    return Program(name=plain.name, objects=with_mask, contexts=(on_cpu, *between, handler))


ROWS = (
    ("2 x 20, 3 mutexes", contended, 2, 20, 3, Machine.MUTEX, 0.05),
    ("2 x 20, 6 kinds", contended, 2, 20, 6, None, 0.05),
    ("2 x 20, 3 rwsems", contended, 2, 20, 3, Machine.RWSEM, 0.05),
    ("2 x 20, with an interrupt", interrupted, 2, 20, 3, Machine.RAW_SPINLOCK, 0.05),
    ("3 x 30, 3 mutexes", contended, 3, 30, 3, Machine.MUTEX, 1.0),
    ("3 x 30, 6 kinds", contended, 3, 30, 6, None, 1.0),
    ("3 x 30, 3 rwsems", contended, 3, 30, 3, Machine.RWSEM, 1.0),
    ("3 x 30, with an interrupt", interrupted, 3, 30, 3, Machine.RAW_SPINLOCK, 1.0),
    ("3 x 30, SRCU only", contended, 3, 30, 3, Machine.SRCU, 1.0),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="programs for each row")
    rounds = parser.parse_args().rounds
    print(f"{'program':<28}{'median':>10}{'worst':>10}{'goal':>10}{'states':>10}  verdicts")
    for title, make, contexts, events, objects, machine, goal in ROWS:
        times, states, verdicts = [], [], set()
        for seed in range(rounds):
            case = make(seed, contexts, events, objects, machine)
            began = time.process_time()
            outcome = explore(case, atomic=False)
            times.append(time.process_time() - began)
            states.append(outcome.states)
            verdicts.add(str(outcome.verdict))
        figures = (statistics.median(times), max(times), goal)
        cells = "".join(f"{figure * 1000:>7.1f} ms" for figure in figures)
        print(f"{title:<28}{cells}{max(states):>10,}  {', '.join(sorted(verdicts))}")


if __name__ == "__main__":
    main()
