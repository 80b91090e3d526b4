# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Facts: what a piece of C says, as values that know nothing of locks.

Facts are cached by the bytes they came from, so every line number in them is relative: `line` counts from 0 at the
first line of the cut (see `Cut`); the file's line is `cut.line + fact.line`.

Texts of expressions are normalised: no comments, no white space but where two words would join, no redundant
parentheses around a path (`(x)->y` is `x->y`, `(*p).x` is `p->x`, `&(x->y)` is `&x->y`), casts kept as
`((struct foo*)p)->x`. Calls inside an argument keep their text (`&to_svm(vcpu)->lock`) and also give a `Call` event of
their own, before the outer one.

A result that only a condition or a `return` looks at gets a temporary name, `%1`, `%2`, ... , unique in its function.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of all facts: compact when packed, immutable, invisible to the cycle collector."""


# --- events of a function body, in the order in which they happen -------------------------------------------------


class Call(Fact, frozen=True, tag=1, tag_field="fact"):
    """`callee(args)`. `result` is where its value goes: a local, an access path, a temporary, or "" if dropped.

    `callee` is a name (`mutex_lock`), a path (`ops->run`, `kvm_x86_ops.flush`, `*fn`), or the inner call of a call of
    a call (`static_call(kvm_x86_run)`). An assignment `r=f(x)` is one Call with result `r`, not a Call and an Assign.
    """

    line: int
    callee: str
    args: tuple[str, ...] = ()
    result: str = ""


class Assign(Fact, frozen=True, tag=2, tag_field="fact"):
    """`target op value`; `op` is `=`, `+=`, ... , `++` or `--` (value "" then). Declarations with a value included."""

    line: int
    target: str
    op: str
    value: str


class Read(Fact, frozen=True, tag=3, tag_field="fact"):
    """A field, element or global is read (locals are not recorded): `path` as written, e.g. `kvm->arch.x`."""

    line: int
    path: str


class Enter(Fact, frozen=True, tag=4, tag_field="fact"):
    """A managed scope begins: `guard(mutex)(&x)`, `scoped_guard(...)`, `CLASS(...)`, or a variable with `__free`.

    `form` is `guard`, `scoped_guard`, `scoped_cond_guard`, `class` or `free`; `name` the class or the function given
    to `__free`; `variable` the declared variable or "". `scope` is unique in its function.
    """

    line: int
    scope: int
    form: str
    name: str
    args: tuple[str, ...] = ()
    variable: str = ""


class Leave(Fact, frozen=True, tag=5, tag_field="fact"):
    """The managed scope ends here, on this way out (in reverse order of entry; before the `Return` it precedes).

    `word` is `break` or `continue` where that is how a `scoped_guard` inside of a loop is left: the loop goes on.
    """

    line: int
    scope: int
    word: str = ""


class Return(Fact, frozen=True, tag=6, tag_field="fact"):
    """`return value;`, or the closing brace of a function that falls off its end (value "" then)."""

    line: int
    value: str = ""


class Iterate(Fact, frozen=True, tag=7, tag_field="fact"):
    """The header of a loop macro, each time round: `list_for_each_entry(pos, head, member)`."""

    line: int
    macro: str
    args: tuple[str, ...] = ()


Event = Call | Assign | Read | Enter | Leave | Return | Iterate


# --- how a block ends ---------------------------------------------------------------------------------------------


class Branch(Fact, frozen=True, tag=1, tag_field="fact"):
    """Two ways on: `succs[0]` where the condition is true, `succs[1]` where not. `&&`, `||`, `!` are already split.

    `op` "" tests `left` for truth; `==`, `!=`, `<`, `<=`, `>`, `>=` compare it with `right`; `?` cannot be known (a
    loop macro goes on or ends).
    """

    line: int
    left: str
    op: str = ""
    right: str = ""


class Switch(Fact, frozen=True, tag=2, tag_field="fact"):
    """`switch (subject)`: `labels[i]` belongs to `succs[i]`; "" is the default, explicit or implied.

    Several labels on one place are several entries with the same successor.
    """

    line: int
    subject: str
    labels: tuple[str, ...] = ()


class Config(Fact, frozen=True, tag=3, tag_field="fact"):
    """`#if text` inside a function: `succs[0]` where it is true, `succs[1]` where not. Both never share a path."""

    line: int
    text: str


Exit = Branch | Switch | Config


class Block(Fact, frozen=True):
    """Events in a row, then a way on. No `exit` and one successor: a jump. No successor: the function ends here.

    A block without successors and without a `Return` as its last event is one from which nothing returns (BUG()).
    """

    events: tuple[Event, ...] = ()
    exit: Exit | None = None
    succs: tuple[int, ...] = ()


# --- declarations -------------------------------------------------------------------------------------------------


class Attribute(Fact, frozen=True):
    """`__must_hold(&x)`, `__init`, `__rcu`: the name, and the arguments' texts."""

    name: str
    args: tuple[str, ...] = ()


class Variable(Fact, frozen=True):
    """A parameter or a local: its name ("" if unnamed) and its type as written, spaces folded: `struct kvm *`.

    Arrays end in `[]`, function pointers are `R (*)(A, B)`, a `typeof(x)` stays as it is, a local that a macro
    declares (`static DEFINE_MUTEX(m)`) has the type `@DEFINE_MUTEX`.
    """

    name: str
    type: str
    static: bool = False
    attributes: tuple[Attribute, ...] = ()


class Function(Fact, frozen=True, tag=1, tag_field="fact"):
    """A function definition. `blocks[0]` is the entry."""

    line: int
    name: str
    end_line: int
    returns: str
    params: tuple[Variable, ...]
    locals: tuple[Variable, ...]
    blocks: tuple[Block, ...]
    static: bool = False
    inline: bool = False
    variadic: bool = False
    attributes: tuple[Attribute, ...] = ()
    comment: str = ""
    """The comment that ends on the line before it, without the comment marks."""
    condition: tuple[str, ...] = ()
    """The `#if` conditions around it, outermost first; `!(X)` for the other branch."""


class Field(Fact, frozen=True):
    """A field. Unnamed structs and unions are flattened; a named one is a record of its own, `outer.field`."""

    line: int
    name: str
    type: str
    attributes: tuple[Attribute, ...] = ()
    condition: tuple[str, ...] = ()
    comment: str = ""


class Record(Fact, frozen=True, tag=2, tag_field="fact"):
    """`struct tag {...}` or `union tag {...}`."""

    line: int
    keyword: str
    tag: str
    fields: tuple[Field, ...]
    condition: tuple[str, ...] = ()


class Enumeration(Fact, frozen=True, tag=3, tag_field="fact"):
    """`enum tag {...}`: the names in order, and the text of each one's value ("" if none)."""

    line: int
    tag: str
    names: tuple[str, ...]
    values: tuple[str, ...]
    condition: tuple[str, ...] = ()


class Macro(Fact, frozen=True, tag=4, tag_field="fact"):
    """`#define name(params) body`; `params` is None for an object-like one; `body` is None for `#undef`."""

    line: int
    name: str
    params: tuple[str, ...] | None
    body: str | None
    condition: tuple[str, ...] = ()


class Initializer(Fact, frozen=True):
    """One value of an initialiser: its designators from the outside in (`.ops.run`, `[EXIT_HLT]`, `[0].read`)."""

    line: int
    designator: str
    value: str


class Global(Fact, frozen=True, tag=5, tag_field="fact"):
    """A variable at file level, or its `extern` declaration; also `DEFINE_PER_CPU(T, n)` (attribute `per-cpu`)."""

    line: int
    name: str
    type: str
    static: bool = False
    extern: bool = False
    attributes: tuple[Attribute, ...] = ()
    init: tuple[Initializer, ...] = ()
    comment: str = ""
    condition: tuple[str, ...] = ()


class Prototype(Fact, frozen=True, tag=6, tag_field="fact"):
    """A function declaration."""

    line: int
    name: str
    returns: str
    params: tuple[Variable, ...]
    attributes: tuple[Attribute, ...] = ()
    comment: str = ""
    condition: tuple[str, ...] = ()


class Typedef(Fact, frozen=True, tag=7, tag_field="fact"):
    """`typedef type name;`."""

    line: int
    name: str
    type: str
    condition: tuple[str, ...] = ()


class Invocation(Fact, frozen=True, tag=8, tag_field="fact"):
    """A macro used at file level: `DEFINE_MUTEX(x);`, `module_param_cb(...)`, `KVM_X86_OP(run)`."""

    line: int
    name: str
    args: tuple[str, ...]
    static: bool = False
    comment: str = ""
    condition: tuple[str, ...] = ()


class Include(Fact, frozen=True, tag=9, tag_field="fact"):
    """`#include "target"` (or `<target>`: `system`)."""

    line: int
    target: str
    system: bool
    condition: tuple[str, ...] = ()


class Remark(Fact, frozen=True, tag=10, tag_field="fact"):
    """A comment that may state an order or a contract (one of the ruleset's remark words stands in it)."""

    line: int
    end_line: int
    text: str


Declaration = Function | Record | Enumeration | Macro | Global | Prototype | Typedef | Invocation | Include | Remark


class Fault(IntEnum):
    """How well a cut was understood."""

    CLEAN = 0
    REPAIRED = 1
    """Branches of `#if` were dropped or a construct was masked to make it parse."""
    BROKEN = 2
    """A syntax error is left; facts are from what parsed."""


class Cut(Fact, frozen=True):
    """One top-level piece of a file: the unit that is parsed and cached."""

    key: bytes
    """Hash of its bytes and of everything else that its facts depend on."""
    lines: int
    declarations: tuple[Declaration, ...] = ()
    fault: Fault = Fault.CLEAN
    dropped: tuple[tuple[int, int], ...] = ()
    """Line ranges of `#if` branches that had to be dropped."""


class Placed(Fact, frozen=True):
    """A cut at its place in a file."""

    line: int
    """The file's line (from 1) of the cut's first byte."""
    cut: Cut


class FileFacts(Fact, frozen=True):
    """All cuts of one file, in order."""

    path: str
    cuts: tuple[Placed, ...]
