# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A file of code that begins with the declarations of a box, and its lock model."""

from __future__ import annotations

from reviewtool.cache.model import NullCache
from reviewtool.csource.store import FactStore
from reviewtool.locking.assembly import advance, build_program, changed_functions, make_library
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.program import Program
from reviewtool.locking.scope import Scope
from reviewtool.ruleset import load
from reviewtool.tree.memory import MemorySnapshot

RULES = load()
LIBRARY = make_library(RULES, FactStore(RULES.syntax, RULES.syntax_digest, NullCache()))

BOX = """
struct box {
	struct mutex lock;
	struct mutex lid;
	struct mutex key;
	struct rw_semaphore in;
	struct rw_semaphore out;
	spinlock_t count_lock;
	raw_spinlock_t raw;
	struct srcu_struct srcu;
	struct work_struct work;
	struct timer_list timer;
};
static DEFINE_MUTEX(boxes);
"""


def model(code: str) -> LockModel:
    """The lock model of a file that begins with the declarations of a box."""
    snapshot = MemorySnapshot({"box.c": BOX + code})
    return LockModel.build("", build_program(LIBRARY, snapshot, Scope(files=("box.c",), worlds=("",)), ""))


def changed(old: LockModel, code: str) -> LockModel:
    """The model after the file became this."""
    linker = old.linker
    assert isinstance(linker, Program)
    new = advance(LIBRARY, linker, MemorySnapshot({"box.c": BOX + code}), ("box.c",))
    return old.advance(new, changed_functions(linker, new))


def named(name: str) -> FunctionId:
    """A function of the file."""
    return FunctionId("box.c", name)


def function(name: str, *lines: str, parameters: str = "struct box *box", returns: str = "void") -> str:
    """A function with these lines."""
    body = "".join(f"\t{line}\n" for line in lines)
    return f"\nstatic {returns} {name}({parameters})\n{{\n{body}}}\n"
