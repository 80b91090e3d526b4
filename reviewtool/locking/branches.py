# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What a branch teaches the flow, and which branches cannot be taken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from reviewtool.csource.facts import Block, Branch, Config, Switch
from reviewtool.locking.paths import is_plain
from reviewtool.locking.state import LAST, TEST, State
from reviewtool.locking.values import ANY, ERROR, NONZERO, ZERO, Value, compatible, constant, meet, signs, test_mask
from reviewtool.ruleset.model import ValueWords

_PARTS: Final = re.compile(r"([!=]=)")
_OPPOSITE: Final = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_SWAPPED: Final = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def refine(state: State, branch: Branch, truth: bool, words: ValueWords) -> State | None:
    """A copy of the state, knowing that the branch went that way; None if it cannot."""
    if branch.op == "?":
        return state.copy()
    left, op, right = branch.left, branch.op, branch.right
    if op and constant(left, words) is not None and constant(right, words) is None:
        left, op, right = right, _SWAPPED[op], left
    fixed = constant(left, words)
    wanted = constant(right, words) if op else "0"
    if fixed is not None and op == "":
        return state.copy() if meet(fixed, test_mask("")[0 if truth else 1]) is not None else None  # type: ignore[index]
    if wanted == "0":
        return _compare_zero(state, left, op, truth, words)
    if wanted is not None and op in ("==", "!="):
        return _compare_constant(state, left, wanted, truth == (op == "=="))
    if isinstance(wanted, int) and not wanted & ZERO and op in ("==", "!="):
        return _compare_constant(state, left, wanted, truth == (op == "=="))
    return _opaque_test(state, left, op, right, truth)


def repeated(blocks: Iterable[Block], words: ValueWords) -> tuple[str, ...]:
    """The names under which states keep the conditions that more than one branch tests, in order."""
    seen: dict[str, int] = {}
    for block in blocks:
        leave = block.exit
        if isinstance(leave, Config):
            name = f"#{leave.text}"
        elif isinstance(leave, Branch) and leave.op != "?":
            zero = not leave.op or constant(leave.right, words) == "0"
            op = _OPPOSITE[leave.op] if leave.op in ("!=", ">=", "<=") else leave.op
            name = leave.left if zero else f"{leave.left}{op}{leave.right}"
        else:
            continue
        seen[name] = seen.get(name, 0) + 1
    return tuple(name for name, count in seen.items() if count > 1)


def _compare_zero(state: State, left: str, op: str, truth: bool, words: ValueWords) -> State | None:
    masks = test_mask(op)
    assert masks is not None
    mask = masks[0 if truth else 1]
    new = state.copy()
    names = [left]
    stands_for = state.aliases.get(left)
    if stands_for is not None and stands_for != left:
        names.append(stands_for)
    elif not is_plain(left):
        names.append(state.canonical(left))
    for name in names:
        value = meet(state.value(name), mask)
        if value is None:
            return None
        new.learn(name, value)
    compared = state.env.get(f"{TEST}{left}")
    if isinstance(compared, str):
        return _as_compared(new, compared, not mask & ZERO, words) if mask in (ZERO, NONZERO) else new
    return _error_test(new, stands_for or left, mask, words)


def _as_compared(state: State, text: str, truth: bool, words: ValueWords) -> State | None:
    """The variable that was tested is the result of a comparison: learn that one instead."""
    left, op, right = _PARTS.split(text, maxsplit=1)
    return refine(state, Branch(0, left, op, right), truth, words)


def _error_test(state: State, text: str, mask: int, words: ValueWords) -> State | None:
    """`IS_ERR(p)` was tested: say so of `p`. The last reference was put: remember that."""
    name, paren, rest = text.partition("(")
    if not paren or mask == ANY:
        return state
    is_true = not mask & ZERO
    if is_true and name in words.last_put:
        state.env[LAST] = "1"
    if name in words.tests_error:
        tested = ERROR if is_true else ANY & ~ERROR
    elif name in words.tests_error_or_null:
        tested = ERROR | ZERO if is_true else ANY & ~(ERROR | ZERO)
    else:
        return state
    subject = rest[:-1]
    value = meet(state.value(subject), tested)
    if value is None:
        return None
    state.learn(subject, value)
    return state


def _compare_constant(state: State, left: str, wanted: Value, equal: bool) -> State | None:
    known = state.value(left)
    if equal:
        if not compatible(known, wanted) or state.env.get(f"{left}=={wanted}") == "0":
            return None
        new = state.copy()
        new.learn(left, wanted if isinstance(wanted, str) else signs(known) & wanted or wanted)
        return new
    if isinstance(wanted, str) and known == wanted:
        return None
    new = state.copy()
    if isinstance(wanted, str):
        return _learn_atom(new, f"{left}=={wanted}", False)
    return new


def _opaque_test(state: State, left: str, op: str, right: str, truth: bool) -> State | None:
    if op in ("!=", ">=", "<=") and op != "":
        op, truth = _OPPOSITE[op], not truth
    atom = f"{state.canonical(left)}{op}{state.canonical(right)}"
    return _learn_atom(state.copy(), atom, truth)


def _learn_atom(state: State, atom: str, truth: bool) -> State | None:
    known = state.env.get(atom)
    wanted = "1" if truth else "0"
    if known is not None and known != wanted:
        return None
    state.env[atom] = wanted
    return state


def configured(state: State, config: Config, truth: bool) -> State | None:
    """The same, for `#if`."""
    return _learn_atom(state.copy(), f"#{config.text}", truth)


def selected(state: State, switch: Switch, index: int, words: ValueWords) -> State | None:
    """The same, for one label of a `switch`."""
    label = switch.labels[index]
    known = state.value(switch.subject)
    if label:
        value = constant(label, words)
        if value is None:
            return _learn_atom(state.copy(), f"{state.canonical(switch.subject)}=={label}", True)
        return _compare_constant(state, switch.subject, value, True)
    if isinstance(known, str):
        values = [constant(other, words) for other in switch.labels if other]
        if known in values:
            return None
    return state.copy()
