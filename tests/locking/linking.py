# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Small trees of our own, linked with the real rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha1

from reviewtool.cache.model import NullCache
from reviewtool.csource.facts import Call
from reviewtool.csource.store import FactStore
from reviewtool.locking.assembly import build_program, make_library
from reviewtool.locking.headers import Library
from reviewtool.locking.linker import FunctionRef
from reviewtool.locking.program import Program
from reviewtool.locking.scope import find_scope
from reviewtool.ruleset import load
from reviewtool.ruleset.model import Ruleset


@dataclass(frozen=True)
class Files:
    """A snapshot that is a dictionary."""

    content: Mapping[str, str]
    number: int = 0
    differing: frozenset[str] = field(default=frozenset())

    def read(self, path: str) -> bytes | None:
        return self.content[path].encode() if path in self.content else None

    def read_many(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        return {path: self.content[path].encode() for path in paths if path in self.content}

    def identity(self, path: str) -> str | None:
        return sha1(self.content[path].encode()).hexdigest() if path in self.content else None

    def list(self, prefix: str = "") -> tuple[str, ...]:
        return tuple(sorted(path for path in self.content if not prefix or path == prefix or
                            path.startswith(prefix.rstrip("/") + "/")))  # fmt: skip

    def changed(self) -> frozenset[str]:
        return self.differing


@cache
def rules() -> Ruleset:
    """The built-in ones."""
    return load()


def library() -> Library:
    """A new one that remembers nothing."""
    return make_library(rules(), FactStore(rules().syntax, rules().syntax_digest, NullCache()))


def linked(files: Mapping[str, str], world: str = "") -> Program:
    """The program of a tree whose scope is all of virt/ and arch/*/kvm."""
    snapshot = Files(files)
    return build_program(library(), snapshot, find_scope(snapshot, rules(), ["virt/"]), world)


def function(program: Program, name: str, path: str = "") -> FunctionRef:
    found = [ref for ref in program.functions().values() if ref.id.name == name and ref.id.path.startswith(path)]
    assert len(found) == 1, found
    return found[0]


def calls(ref: FunctionRef, callee: str) -> list[Call]:
    found = [
        event for block in ref.facts.blocks for event in block.events
        if isinstance(event, Call) and event.callee == callee
    ]  # fmt: skip
    assert found, f"{ref.id.name} does not call {callee}"
    return found


def targets(program: Program, caller: str, callee: str) -> set[str]:
    ref = function(program, caller)
    return {each.name for each in program.targets(ref, calls(ref, callee)[0]).functions}


def lock(program: Program, name: str, text: str) -> tuple[str, str] | None:
    found = program.lock_of(function(program, name), text)
    return (found.cls.name, found.cls.family) if found is not None else None


OPS = """
struct ops {
	int (*run)(struct cpu *c);
	void (*stop)(struct cpu *c);
};
struct cpu {
	const struct ops *ops;
	int (*done)(struct cpu *c);
};
static int first_run(struct cpu *c)
{
	return 0;
}
static int second_run(struct cpu *c)
{
	return 0;
}
static const struct ops first_ops = {
	.run = first_run,
};
static int (*const handlers[])(struct cpu *c) = {
	[0] = first_run,
	[3] = second_run,
};
"""
