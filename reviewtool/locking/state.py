# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The state of the flow at one point: locks held and owed, and what is known of variables.

Two states with the same locks are one state with what both know (as in property simulation: ESP, PLDI 2002); so
`if (w) write_lock(); else read_lock();` keeps `w` apart, because the locks differ, and conditions that have nothing to
do with locks cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reviewtool.locking.paths import is_plain, opaque, roots, substitute
from reviewtool.locking.summary import HeldLock
from reviewtool.locking.values import ANY, Value, join

RELEASED = "@released "
"""Begins what a state knows as "1" of a lock that was released; its class and its instance follow."""

MOVED = "@moved "
"""Begins what a state knows as "1" of a held lock's old path: the pointer in it went on to another object."""

LAST = "@last"
"""What a state knows as "1" where the last reference to something was just put."""

FOUND = "@.found "
"""Begins what a state knows of a variable that points to an object: what keeps it alive (see lifetimes.py). After the
point it is no variable's name."""

LOOSE = "@.loose "
"""The same, where nothing does any more."""

TEST = "@test "
"""Begins what a state knows of a variable that was set to the result of a comparison: the comparison's text."""

Key = tuple[tuple[HeldLock, ...], tuple[HeldLock, ...], tuple[Value | None, ...]]
"""The locks held and owed, and the values of conditions that are kept apart, if any are, with the state's marks."""


class State:
    """Mutable while a block is walked; `copy()` before a way forks."""

    __slots__ = ("aliases", "env", "held", "marks", "owed")

    def __init__(
        self,
        held: tuple[HeldLock, ...] = (),
        owed: tuple[HeldLock, ...] = (),
        env: dict[str, Value] | None = None,
        aliases: dict[str, str] | None = None,
        marks: tuple[str, ...] = (),
    ) -> None:
        self.held = held
        self.owed = owed
        self.env: dict[str, Value] = {} if env is None else env
        self.aliases: dict[str, str] = {} if aliases is None else aliases
        self.marks = marks
        """What happened on this way; states that differ in it are not joined."""

    def copy(self) -> State:
        """An independent state with the same content."""
        return State(self.held, self.owed, dict(self.env), dict(self.aliases), self.marks)

    @property
    def key(self) -> Key:
        """What must be equal for two states to be joined."""
        return (self.held, self.owed, self.marks)

    def join(self, other: State) -> bool:
        """Keep what both know (same key). Says whether this state lost anything."""
        changed = False
        for name in [name for name in other.env if name not in self.env and _of_null(name, self.env)]:
            self.env[name] = other.env[name]
            changed = True
        for name, value in list(self.env.items()):
            theirs = other.env.get(name)
            if theirs is None and _of_null(name, other.env):
                continue
            both = ANY if theirs is None else join(value, theirs)
            if both == value:
                continue
            changed = True
            if both == ANY:
                del self.env[name]
            else:
                self.env[name] = both
        for name, text in list(self.aliases.items()):
            if other.aliases.get(name) != text:
                changed = True
                del self.aliases[name]
        return changed

    def canonical(self, text: str) -> str:
        """The text with locals replaced by what they are known to stand for."""
        if not self.aliases:
            return text
        return substitute(text, self.aliases)

    def value(self, text: str) -> Value:
        """What is known of a variable or access path."""
        return self.env.get(text, ANY)

    def released(self) -> frozenset[str]:
        """The classes, by name, of locks that were surely released and not taken again."""
        return frozenset(name[len(RELEASED) :].rpartition(" ")[0] for name in self.env if name.startswith(RELEASED))

    def learn(self, text: str, value: Value) -> None:
        """From here on `text` has this value."""
        if value == ANY:
            self.env.pop(text, None)
        else:
            self.env[text] = value

    def assign(self, variable: str) -> None:
        """A variable gets a new value: forget what was known through the old one."""
        for name in [name for name in self.env if variable in roots(name)]:
            del self.env[name]
        for name in [n for n, text in self.aliases.items() if n == variable or variable in roots(text)]:
            del self.aliases[name]
        if any(variable in roots(lock.instance) for lock in self.held):
            self.held = tuple(_stale(lock, variable) for lock in self.held)
        if any(variable in roots(lock.instance) for lock in self.owed):
            self.owed = tuple(_stale(lock, variable) for lock in self.owed)

    def store(self, path: str) -> None:
        """Memory is written through an access path."""
        if is_plain(path):
            self.assign(path)
            return
        for name in [name for name in self.env if path in name]:
            del self.env[name]

    def forget_calls(self, before: Iterable[State]) -> None:
        """Results of calls that were learned inside a loop may differ the next time round; `before` are its states
        at the head.
        """
        envs = [state.env for state in before]
        for name in [name for name in self.env if "(" in name]:
            if not any(env.get(name) == self.env[name] for env in envs):
                del self.env[name]


def _stale(lock: HeldLock, variable: str) -> HeldLock:
    if variable not in roots(lock.instance):
        return lock
    return replace(lock, instance=opaque(lock.instance))


def _of_null(name: str, env: dict[str, Value]) -> bool:
    """What is known of an object says nothing wrong where the pointer to it is NULL."""
    for note in (FOUND, LOOSE):
        if name.startswith(note):
            return env.get(name[len(note) :]) == "0"
    return False
