# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""One path through a function and the functions it calls: what it does to locks in order, and the branches it takes.

The flow joins paths; a replay needs a single one that can be followed with a finger. So states are walked one by one
here, each loop at most once more, up to a bound; of paths that do the same so far the first one goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from reviewtool.csource.facts import Block, Branch, Call, Config, Enter, Event, Read, Return
from reviewtool.locking.binding import Binding
from reviewtool.locking.branches import configured, refine, selected
from reviewtool.locking.events import step
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.paths import OPAQUE, is_plain
from reviewtool.locking.points import Before, Deed, Point, Way, before, gained, lost, points_of
from reviewtool.locking.state import State
from reviewtool.locking.summary import Condition, Inner
from reviewtool.locking.walker import Walker

STEPS: Final = 4000
"""Blocks walked per function."""
DEPTH: Final = 12
"""Calls followed."""
LONG: Final = 40
"""Points on a path that is chosen only where there is no other."""
MOST: Final = 120
"""Points on a path."""
TEMPORARY: Final = "%"
"""Begins the names of results that only a condition looks at; nobody wrote them."""
KEPT: Final = 3
"""Paths of a callee that leave the same behind, for callers that know which of them it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A branch that was taken."""

    function: FunctionId
    line: int
    text: str
    """`r != 0`, as it came out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path."""

    points: tuple[Point, ...] = ()
    choices: tuple[Choice, ...] = ()
    """Those that another way would have led to other points."""
    condition: Condition = ()
    held: tuple[str, ...] = ()
    """The classes, by name and sorted, that it returns with and did not come with."""
    owed: tuple[str, ...] = ()
    """The other way round."""

    def comes_to(self, goal: Way) -> bool:
        """Whether it takes the lock, or waits, at the end of this way."""
        wanted = (Deed.TAKES, Deed.WAITS)
        return any(point.way == goal and point.deed in wanted for point in self.points)


@dataclass(frozen=True, slots=True)
class _Trail:
    """A path as far as it has come."""

    block: int
    state: State
    points: tuple[Point, ...] = ()
    choices: tuple[tuple[int, int, Choice | None], ...] = ()
    """The block, the successor, and what to say."""
    rounds: frozenset[tuple[int, int]] = frozenset()
    """Back edges taken."""


def find_route(model: LockModel, function: FunctionId, goal: Way = ()) -> Route | None:
    """The path of `function` that comes to `goal` soonest; without a goal the one that touches most locks.

    Where no path comes to the goal, it is as if there were none. None for an unknown function.
    """
    if function not in model.functions:
        return None
    found = _Finder(model).routes(function, goal, ())
    return min(found, key=lambda route: _rank(route, goal), default=Route())


def _rank(route: Route, goal: Way) -> tuple[bool, bool, int, int, int]:
    """The shortest way to the goal; without one what touches most classes, if it is not too long to be followed."""
    classes = {point.cls for point in route.points if point.deed in (Deed.TAKES, Deed.WAITS)}
    missed = bool(goal) and not route.comes_to(goal)
    many = 0 if goal and not missed else -len(classes)
    return (missed or len(route.points) > LONG, bool(route.held), many, len(route.points), len(route.choices))


class _Finder:
    """The paths of functions, each function looked at once."""

    def __init__(self, model: LockModel) -> None:
        self._model = model
        self._known: dict[tuple[FunctionId, Way], list[Route]] = {}

    def routes(self, function: FunctionId, goal: Way, above: tuple[FunctionId, ...]) -> list[Route]:
        """The best paths, a few for each way to leave."""
        key = (function, goal)
        if key not in self._known:
            if function in above or len(above) >= DEPTH:
                return []
            self._known[key] = _few(_Search(self, self._model, function, goal, above).run(), goal)
        return self._known[key]


def _few(routes: Iterator[Route], goal: Way) -> list[Route]:
    groups: dict[tuple[object, ...], list[Route]] = {}
    for route in routes:
        groups.setdefault((route.held, route.owed), []).append(route)
    return [each for group in groups.values() for each in sorted(group, key=lambda r: _rank(r, goal))[:KEPT]]


class _Search:
    """The paths of one function."""

    def __init__(
        self, finder: _Finder, model: LockModel, function: FunctionId, goal: Way, above: tuple[FunctionId, ...]
    ) -> None:
        ref = model.functions[function]
        self._finder, self._model, self._function, self._goal = finder, model, function, goal
        self._above = (*above, function)
        self._walker = Walker(model.linker, ref, model.summary)
        self._blocks: tuple[Block, ...] = ref.facts.blocks
        self._busy: set[int] = set()
        """Blocks in which something happened on some path."""

    def run(self) -> Iterator[Route]:
        """All paths within the bounds."""
        ends = list(self._ends()) if self._blocks else []
        reach = [_reachable(self._blocks, index) for index in range(len(self._blocks))]
        for trail, value in ends:
            told = [
                choice
                for block, succ, choice in trail.choices
                if choice is not None and (block < 0 or self._matters(reach, block, succ))
            ]
            yield Route(
                points=tuple(replace(point, instance=self._lasting(point)) for point in trail.points),
                choices=tuple(dict.fromkeys(told)),
                condition=value,
                held=_names(gained(Before((), ()), trail.state)),
                owed=_names(lost(Before((), ()), trail.state)),
            )

    def _ends(self) -> Iterator[tuple[_Trail, Condition]]:
        stack = [_Trail(0, State())]
        seen: set[tuple[object, ...]] = set()
        for _ in range(STEPS):
            if not stack:
                return
            trail = stack.pop()
            done = tuple((point.deed, point.cls, point.way) for point in trail.points)
            key = (trail.block, trail.state.key, done)
            if key in seen:
                continue
            seen.add(key)
            block = self._blocks[trail.block]
            for state, points, choices in self._walk(trail, block):
                after = replace(trail, state=state, points=points, choices=choices)
                if block.events and isinstance(block.events[-1], Return) and not block.succs:
                    yield after, self._walker.record.lasting_condition(state)
                elif len(points) <= MOST:
                    stack.extend(self._onward(after, block))

    def _walk(
        self, trail: _Trail, block: Block
    ) -> Iterator[tuple[State, tuple[Point, ...], tuple[tuple[int, int, Choice | None], ...]]]:
        """The states at the end of a block, with all that happened up to there."""
        found = [(trail.state.copy(), trail.points, trail.choices)]
        for event in block.events:
            following = []
            for state, points, choices in found:
                for after, new, route in self._event(state, event):
                    if new:
                        self._busy.add(trail.block)
                    below = tuple((-1, -1, choice) for choice in route.choices) if route is not None and new else ()
                    following.append((after, (*points, *new), (*choices, *below)))
            found = following
        yield from found

    def _event(self, state: State, event: Event) -> Iterator[tuple[State, tuple[Point, ...], Route | None]]:
        if isinstance(event, Read):
            yield from ((after, (), None) for after in step(self._walker, state, event))
            return
        old, known = before(state), state.copy()
        self._walker.record.clear()
        states = step(self._walker, state, event)
        recorded = tuple(self._walker.record.inner)
        for after in states:
            followed = self._followed(known, old, after, event) if isinstance(event, Call | Enter) else None
            if followed is not None:
                yield after, followed[0], followed[1]
            else:
                place = (self._function, event.line)
                missed = tuple(points_of(place, old, after, self._bare(recorded, event)))
                yield after, tuple(point for point in missed if self._matters_here(point, old)), None

    def _bare(self, recorded: tuple[Inner, ...], event: Event) -> Iterator[Inner]:
        """What the event does itself or through functions that it passes on: the rest is on other paths."""
        goal = self._goal[0] == (self._function, event.line) if self._goal else False
        for inner in recorded:
            if inner.likely and not goal:
                continue
            passed = isinstance(inner.origin.key, tuple) or self._outside(event, inner)
            if inner.origin.callee is None or passed:
                yield inner

    def _outside(self, event: Event, inner: Inner) -> bool:
        """A function that is called from outside of what is read, to which its address was given."""
        if not isinstance(event, Call) or inner.origin.callee is None:
            return False
        return inner.origin.callee not in self._walker.targets(event).functions

    def _matters_here(self, point: Point, old: Before) -> bool:
        """A sleep matters where something is held that forbids it."""
        families = self._model.ruleset.families
        if point.deed is not Deed.SLEEPS:
            return not point.cls.name.startswith("?")
        held = (families.get(lock.cls.family) for lock in old.held)
        return any(family is not None and family.inner < families["mutex"].wait_type for family in held)

    def _followed(
        self, known: State, old: Before, after: State, event: Call | Enter
    ) -> tuple[tuple[Point, ...], Route] | None:
        """The points of a callee's path that fits what the call left behind; None if there is no such path."""
        if not isinstance(event, Call):
            return None
        for target in self._targets(event):
            goal = self._goal[1:] if self._goal[:2] and self._goal[0] == (self._function, event.line) else ()
            goal = goal if goal and goal[0][0] == target else ()
            binding = Binding(self._walker, known, event, target)
            left = (_names(gained(old, after)), _names(lost(old, after)))
            routes = [route for route in self._finder.routes(target, goal, self._above) if _fits(route, left, binding)]
            if routes:
                best = min(routes, key=lambda route: _rank(route, goal))
                return tuple(self._brought(point, binding, event) for point in best.points), best
        return None

    def _targets(self, call: Call) -> Iterator[FunctionId]:
        """The functions to follow, best first: what the goal names, else those that are sure."""
        if call.callee in self._model.ruleset.primitives:
            return
        targets = self._walker.targets(call)
        wanted = self._goal[1][0] if self._goal[1:] and self._goal[0] == (self._function, call.line) else None
        if wanted is not None and wanted in targets.functions:
            yield wanted
        elif not targets.likely:
            yield from (each for each in targets.functions if self._model.summary(each).inner or self._uneven(each))

    def _uneven(self, function: FunctionId) -> bool:
        return not self._model.summary(function).neutral

    def _brought(self, point: Point, binding: Binding, event: Call) -> Point:
        instance = binding.instance(point.instance) if point.instance else ""
        return replace(point, instance=instance, way=((self._function, event.line), *point.way))

    def _lasting(self, point: Point) -> str:
        """An instance that means the same to callers; what only this function can name stays apart from theirs."""
        if not point.instance or point.instance.startswith(OPAQUE) or self._walker.in_parameters(point.instance):
            return point.instance
        return f"{OPAQUE}{self._function.name}:{point.instance}"

    def _onward(self, trail: _Trail, block: Block) -> Iterator[_Trail]:
        for succ, state, choice in self._ways(trail, block):
            edge = (trail.block, succ)
            back = succ <= trail.block
            if back and edge in trail.rounds:
                continue
            rounds = trail.rounds | {edge} if back else trail.rounds
            if back:
                state.env = {name: value for name, value in state.env.items() if name[0] == "@" or is_plain(name)}
            yield _Trail(succ, state, trail.points, (*trail.choices, (trail.block, succ, choice)), rounds)

    def _ways(self, trail: _Trail, block: Block) -> Iterator[tuple[int, State, Choice | None]]:
        words, leave = self._walker.ruleset.values, block.exit
        for number, succ in enumerate(block.succs if leave is not None else block.succs[:1]):
            text = ""
            if leave is None:
                after: State | None = trail.state.copy()
            elif isinstance(leave, Branch):
                after = refine(trail.state, leave, number == 0, words)
                text = _branch_text(leave, trail.state, number == 0)
            elif isinstance(leave, Config):
                known = self._walker.linker.configured(leave.text)
                after = configured(trail.state, leave, number == 0) if known in (None, number == 0) else None
            else:
                after = selected(trail.state, leave, number, words)
                text = f"{trail.state.canonical(leave.subject)} is {leave.labels[number] or 'another'}"
            if after is not None and leave is not None:
                plain = bool(text) and TEMPORARY not in text
                choice = Choice(function=self._function, line=leave.line, text=text) if plain else None
                yield succ, after, choice
            elif after is not None:
                yield succ, after, None

    def _matters(self, reach: list[frozenset[int]], block: int, succ: int) -> bool:
        """Something happens only this way, or only the other way."""
        others = (reach[succ] ^ reach[other] for other in self._blocks[block].succs if other != succ)
        return any(blocks & self._busy for blocks in others)


def _fits(route: Route, left: tuple[tuple[str, ...], tuple[str, ...]], binding: Binding) -> bool:
    return (route.held, route.owed) == left and binding.feasible(route.condition)


def _names(locks: list) -> tuple[str, ...]:  # type: ignore[type-arg]
    return tuple(sorted(lock.cls.name for lock in locks))


def _branch_text(branch: Branch, state: State, truth: bool) -> str:
    """The branch as it came out; "" for one that nothing is known of."""
    if branch.op == "?":
        return ""
    left, right = state.canonical(branch.left), state.canonical(branch.right)
    if not branch.op:
        return left if truth else f"!{left}"
    opposite = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
    return f"{left} {branch.op if truth else opposite[branch.op]} {right}"


def _reachable(blocks: tuple[Block, ...], start: int) -> frozenset[int]:
    found: set[int] = set()
    stack = [start]
    while stack:
        index = stack.pop()
        if index not in found:
            found.add(index)
            stack.extend(blocks[index].succs)
    return frozenset(found)
