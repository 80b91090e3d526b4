# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Guarded data: fields whose lock is known, and code that touches them without it.

Which lock guards a field is said by its declaration, by a locking document (see review/guarding.py, which knows both),
or by what all but one of its writers do. Only an access that is reached from an entry point on a way on which nobody
holds the lock counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from reviewtool.checks.agreement import Claim
from reviewtool.checks.check import make_finding
from reviewtool.checks.step import Pair, by_key, guards_data, key_of
from reviewtool.csource.facts import Record
from reviewtool.finding.model import Certainty, Finding
from reviewtool.locking.fields import Access, Fields, accessed, last_name
from reviewtool.locking.holding import Known
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.model import LockClass
from reviewtool.locking.program import Program
from reviewtool.locking.typing_ import Place

AGREEING: Final = 4
"""How many functions must write a field under one lock before another one is asked why it does not."""

Wanted = Callable[[Access], bool]
"""Which accesses are told."""


def anything(access: Access) -> bool:
    """All accesses are wanted."""
    return True


def check_newly_guarded(pair: Pair) -> Iterator[Finding]:
    """The same, limited to accesses that the later snapshot adds, in new functions and in changed ones."""
    before = {function: frozenset(by_key(pair.old, function)) for function in pair.changed}
    before |= {function: frozenset() for function in pair.added}
    names = {
        name
        for function in before
        for block in pair.new.functions[function].facts.blocks
        for event in block.events
        if (access := accessed(event)) is not None and (name := last_name(access[0]))
    }

    def is_new(access: Access) -> bool:
        known = before.get(access.function)
        return known is not None and key_of(access.seen.event) not in known

    if names:
        yield from check_guarded(pair.new, pair.claims, is_new, frozenset(names))


def check_guarded(
    model: LockModel, claims: Iterable[Claim] = (), wanted: Wanted = anything, names: frozenset[str] | None = None
) -> Iterator[Finding]:
    """The accesses without the lock: of fields that claims or declarations are about, and outliers of all others.

    `names` limits the fields to those whose last component is among them.
    """
    fields = Fields(model)
    said: set[str] = set()
    for claim in (*declared(model), *claims):
        if names is None or claim.field.rpartition(".")[2] in names:
            said.add(claim.field)
            yield from _against(model, fields, claim, wanted)
    for name in sorted(set(fields.names()) if names is None else names):
        yield from _outliers(model, fields, name, said, wanted)


def declared(model: LockModel) -> Iterator[Claim]:
    """What the declarations of fields say: `int n __guarded_by(&lock)`."""
    words = model.ruleset.values.guards
    program = model.linker
    if not isinstance(program, Program):
        return
    for table in program.symbols.tables.values():
        for kind, sites in table.records.items():
            for site in sites:
                yield from _of_record(program, words, kind, site.path, site.fact)


def _of_record(program: Program, words: frozenset[str], kind: str, path: str, record: Record) -> Iterator[Claim]:
    for field in record.fields:
        for attribute in field.attributes:
            if attribute.name in words and attribute.args:
                name = attribute.args[0].lstrip("&")
                lock = program.classes.lock_of(f"&(({kind}*)0)->{name}", Place(path))
                if lock is None or not lock.cls.family:
                    lock = program.classes.lock_of(f"&{name}", Place(path))
                if lock is not None and lock.cls.family:
                    source = "its declaration says so"
                    yield Claim(f"{kind}.{field.name}", lock.cls, source, Certainty.LIKELY, reads=True)


def _against(model: LockModel, fields: Fields, claim: Claim, wanted: Wanted) -> Iterator[Finding]:
    """One finding for each function that does otherwise; the further places with it."""
    if claim.cls not in model.taken:
        return
    bare: dict[FunctionId, list[Access]] = {}
    for write in (True, False) if claim.reads else (True,):
        for access in fields.accesses(claim.field, write=write):
            if wanted(access) and model.holding.at(access.function, access.seen, claim.cls) is Known.NO:
                bare.setdefault(access.function, []).append(access)
    for function, accesses in sorted(bare.items()):
        first = accesses[0]
        label = claim.cls.label
        verb = "written" if first.write else "read"
        finding = make_finding(
            model,
            "guarded-field-unlocked",
            claim.certainty,
            function,
            first.seen.event.line,
            f"{first.path} is {verb} without {label}, which guards it: {claim.source}",
            identity=(claim.field, claim.cls.name),
            locks=(label,),
            witness=(model.witnesses.step(function, first.seen.event.line, f"{verb}: {first.path}"),),
        )
        if finding is not None:
            lines = {access.seen.event.line: f"{access.path}, too" for access in accesses[1:]}
            places = tuple(model.witnesses.step(function, line, text) for line, text in sorted(lines.items()))
            yield replace(finding, places=places, document=claim.citation)


def _outliers(model: LockModel, fields: Fields, name: str, said: set[str], wanted: Wanted) -> Iterator[Finding]:
    """Fields of that name of which all functions but one write under a lock."""
    if len(fields.writers(name)) <= AGREEING:
        return
    named: dict[str, None] = {}
    for function in fields.writers(name):
        named.update(dict.fromkeys(fields.written_by(function, name)))
    for field in named:
        writes = fields.accesses(field, write=True) if field not in said else ()
        if len({access.function for access in writes}) > AGREEING:
            yield from _outlier(model, field, writes, wanted)


def _outlier(model: LockModel, field: str, writes: tuple[Access, ...], wanted: Wanted) -> Iterator[Finding]:
    for cls in sorted(_candidates(model, writes), key=lambda cls: cls.name):
        without: dict[FunctionId, list[Access]] = {}
        for access in writes:
            if model.holding.at(access.function, access.seen, cls) is not Known.YES:
                without.setdefault(access.function, []).append(access)
                if len(without) > 1:
                    break
        if len(without) != 1:
            continue
        ((function, accesses),) = without.items()
        bare = [a for a in accesses if wanted(a) and model.holding.at(function, a.seen, cls) is Known.NO]
        if bare:
            yield from _asked(model, field, cls, bare, writes)


def _candidates(model: LockModel, writes: tuple[Access, ...]) -> set[LockClass]:
    """The locks that may guard the field: those that a writer holds, or that it or a caller of it says it needs."""
    found: set[LockClass] = set()
    for access in writes:
        found.update(access.seen.must)
        found.update(requirement.cls for requirement, _ in model.summary(access.function).requirements)
        for caller, line in model.callers.get(access.function, ()):
            for seen in model.holding.events(caller):
                if seen.event.line == line:
                    found.update(seen.must)
    return {cls for cls in found if guards_data(model, cls)}


def _asked(
    model: LockModel, field: str, cls: LockClass, bare: list[Access], writes: tuple[Access, ...]
) -> Iterator[Finding]:
    first = bare[0]
    others = [access for access in writes if access.function != first.function]
    count = len({access.function for access in others})
    instead = sorted(lock.label for lock in first.seen.must if guards_data(model, lock))
    held = f"with {' and '.join(instead)} held, but not" if instead else "without"
    other = others[0]
    finding = make_finding(
        model,
        "unlocked-outlier",
        Certainty.QUESTION,
        first.function,
        first.seen.event.line,
        f"{first.path} is written {held} {cls.label}; all {count} other functions that write it hold the lock",
        identity=(field, cls.name),
        locks=(cls.label,),
        witness=(model.witnesses.step(first.function, first.seen.event.line, f"writes {first.path}"),),
        other=(
            model.witnesses.step(
                other.function, other.seen.event.line, f"writes {other.path} with {cls.label} held", (cls.label,)
            ),
        ),
    )
    if finding is not None:
        yield finding
