# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A callee's parameters in the caller's terms."""

from __future__ import annotations

from reviewtool.csource.facts import Call
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.paths import OPAQUE, is_plain, roots, substitute
from reviewtool.locking.state import State
from reviewtool.locking.summary import Condition
from reviewtool.locking.values import ANY, Value, compatible, constant, tested
from reviewtool.locking.walker import Walker


class Binding:
    """Arguments of one call, bound to the parameters of one function that it may run."""

    __slots__ = ("_arguments", "_locals", "_state", "_values", "_variables")

    def __init__(self, walker: Walker, state: State, call: Call, function: FunctionId) -> None:
        facts = walker.linker.functions()[function].facts
        self._state = state
        self._variables = walker.variables
        self._arguments: dict[str, str] = {}
        self._values: dict[str, Value] = {}
        for parameter, argument in zip(facts.params, call.args, strict=False):
            self._arguments[parameter.name] = state.canonical(argument)
            value = constant(argument, walker.ruleset.values)
            if value is None:
                value = state.value(argument)
            if value != ANY:
                self._values[parameter.name] = value
        self._locals = frozenset(parameter.name for parameter in facts.params)

    def feasible(self, condition: Condition) -> bool:
        """Whether the arguments allow what the callee knows of its parameters."""
        for name, value in condition:
            known = self._values.get(name)
            if known is None and not is_plain(name):
                text = self.text(name)
                known = self._state.env.get(text)
                if known is None and not self._variables & roots(text):
                    known = tested(text)
            if known is not None and not compatible(known, value):
                return False
        return True

    def passed_on(self, condition: Condition) -> Condition:
        """A callee's condition in the caller's terms."""
        if not condition:
            return ()
        return tuple((self.text(name), value) for name, value in condition if name not in self._values)

    def argument(self, parameter: str) -> str | None:
        """The caller's text for a parameter."""
        return self._arguments.get(parameter)

    def text(self, text: str) -> str:
        """A text in terms of parameters, in the caller's terms."""
        return substitute(text, self._arguments)

    def instance(self, instance: str) -> str:
        """A lock's instance in the caller's terms."""
        return instance if instance.startswith(OPAQUE) else substitute(instance, self._arguments).lstrip("&")

    def foreign(self, instance: str) -> str:
        """The instance of a function that is called with arguments nobody knows: only globals keep their name."""
        return instance if instance.isidentifier() and not roots(instance) & self._locals else OPAQUE
