# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The details of a patch from its two snapshots and their lock models: rails, places of hunks, edges, source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reviewtool.finding.model import Finding
from reviewtool.locking.linker import FunctionId
from reviewtool.locking.lockmodel import LockModel
from reviewtool.locking.summary import HeldLock
from reviewtool.mail.model import FileDiff, Hunk, Patch
from reviewtool.review.detail import Excerpt, FunctionRail, Held, HunkPlace, OrderDone, OrderEdge, PatchDetail
from reviewtool.review.lines import places
from reviewtool.ruleset.model import Mode
from reviewtool.tree.model import Snapshot

_AROUND_HUNK = 60
"""Lines of the file that travel with each hunk, above and below."""
_AROUND_STEP = 12
_FARTHEST = 2000
"""Lines by which a hunk may have moved and still be found again."""

Models = Sequence[LockModel]
_EdgeKey = tuple[str, str, str]


def patch_detail(
    number: int,
    patch: Patch | None,
    snapshots: tuple[Snapshot, Snapshot],
    models: tuple[Models, Models],
    findings: Iterable[Finding],
) -> PatchDetail:
    """The detail of patch `number`; `snapshots` and `models` are those before and after it."""
    before, after = models
    files = patch.files if patch is not None else ()
    hunks = tuple(_places(files, *snapshots))
    old, new = _edges(before), _edges(after)
    return PatchDetail(
        number=number,
        before=tuple(_rails(before, _spans(files, hunks, new=False))),
        after=tuple(_rails(after, _spans(files, hunks, new=True))),
        places=hunks,
        added=_described(after, {key: new[key] for key in new.keys() - old.keys()}),
        removed=_described(before, {key: old[key] for key in old.keys() - new.keys()}),
        excerpts=_excerpts(snapshots[1], files, hunks, findings),
    )


def order_done(models: Models) -> OrderDone:
    """The order graph of a snapshot, all worlds together."""
    return OrderDone(edges=_described(models, _edges(models)))


def _spans(files: Iterable[FileDiff], hunks: Iterable[HunkPlace], *, new: bool) -> Mapping[str, list[tuple[int, int]]]:
    """The lines of one side, by file, that hunks show; half open, in the snapshot's own numbers."""
    shifts = {(place.path, place.hunk): place.new_shift if new else place.old_shift for place in hunks}
    found: dict[str, list[tuple[int, int]]] = {}
    for file in files:
        path = file.new_path if new else file.old_path
        for hunk in file.hunks:
            shift = shifts.get((file.new_path or file.old_path, hunk.number))
            if shift is not None:
                start = (hunk.new_start if new else hunk.old_start) + shift
                found.setdefault(path, []).append((start, start + (hunk.new_count if new else hunk.old_count)))
    return found


def _rails(models: Models, spans: Mapping[str, list[tuple[int, int]]]) -> Iterator[FunctionRail]:
    """The rails of the functions that have lines in these spans."""
    done: set[FunctionId] = set()
    for model in models:
        for function, ref in model.functions.items():
            if function in done or function.path not in spans:
                continue
            first, last = ref.line(ref.facts.line), ref.line(ref.facts.end_line)
            if any(start <= last and first < end for start, end in spans[function.path]):
                done.add(function)
                yield _rail(model, function)


def _rail(model: LockModel, function: FunctionId) -> FunctionRail:
    ref = model.functions[function]
    first, last = ref.line(ref.facts.line), ref.line(ref.facts.end_line)
    known = model.held_lines(function)
    lines: list[tuple[Held, ...]] = []
    now: tuple[Held, ...] = ()
    # A line without an event of its own, like the declaration of a local, is shown as the next one with an event.
    for line in range(last, first - 1, -1):
        if line in known:
            now = _held(known[line])
        lines.append(now)
    return FunctionRail(path=function.path, function=function.name, first=first, lines=tuple(reversed(lines)))


def _held(locks: Iterable[HeldLock]) -> tuple[Held, ...]:
    found = {Held(label=lock.cls.label, shared=lock.mode is not Mode.EXCLUSIVE): None for lock in locks}
    return tuple(found)


def _edges(models: Models) -> dict[_EdgeKey, tuple[LockModel, ...]]:
    found: dict[_EdgeKey, tuple[LockModel, ...]] = {}
    for model in models:
        for outer, inner, kind in model.graph.arcs:
            key = (outer.label, inner.label, kind)
            found[key] = (*found.get(key, ()), model)
    return found


def _described(models: Models, edges: dict[_EdgeKey, tuple[LockModel, ...]]) -> tuple[OrderEdge, ...]:
    arcs = {
        (id(model), outer.label, inner.label, kind): (outer, inner, kind)
        for model in models
        for outer, inner, kind in model.graph.arcs
    }
    described = []
    for key in sorted(edges):
        model = edges[key][0]
        arc = model.graph.best(*arcs[id(model), *key], model.changed)
        worlds = tuple(dict.fromkeys(model.world for model in edges[key]))
        described.append(
            OrderEdge(
                outer=key[0],
                inner=key[1],
                kind=key[2],
                worlds=worlds if len(worlds) < len(models) else (),
                witness=model.witnesses.relation(arc.function, arc.relation),
            )
        )
    return tuple(described)


def _places(files: Iterable[FileDiff], before: Snapshot, after: Snapshot) -> Iterator[HunkPlace]:
    for file in files:
        old = _lines(before, file.old_path)
        new = _lines(after, file.new_path)
        path = file.new_path or file.old_path
        for hunk in file.hunks:
            old_shift = _shift(old, hunk, "+", hunk.old_start)
            new_shift = _shift(new, hunk, "-", hunk.new_start)
            if old_shift is not None or new_shift is not None:
                shifts = (old_shift or 0, new_shift or 0)
                yield HunkPlace(path=path, hunk=hunk.number, old_shift=shifts[0], new_shift=shifts[1])


def _lines(snapshot: Snapshot, path: str) -> tuple[str, ...]:
    content = snapshot.read(path) if path else None
    return () if content is None else tuple(content.decode("utf-8", "replace").split("\n"))


def _shift(lines: Sequence[str], hunk: Hunk, left_out: str, start: int) -> int | None:
    """How far one side of a hunk stands from where its header says; None if it is not there."""
    wanted = tuple(line.text.rstrip("\r") for line in hunk.lines if line.kind != left_out and line.kind in " +-")
    if not wanted or not lines:
        return None
    first = wanted[0]
    for distance in range(_FARTHEST):
        for shift in dict.fromkeys((distance, -distance)):
            at = start - 1 + shift
            if 0 <= at < len(lines) and lines[at].rstrip("\r") == first:
                there = tuple(line.rstrip("\r") for line in lines[at : at + len(wanted)])
                if there == wanted:
                    return shift
    return None


def _excerpts(
    snapshot: Snapshot, files: Iterable[FileDiff], hunks: Iterable[HunkPlace], findings: Iterable[Finding]
) -> tuple[Excerpt, ...]:
    wanted: dict[str, list[tuple[int, int]]] = {}
    shifts = {(place.path, place.hunk): place.new_shift for place in hunks}
    for file in files:
        for hunk in file.hunks:
            shift = shifts.get((file.new_path, hunk.number))
            if shift is not None:
                start = hunk.new_start + shift
                spans = wanted.setdefault(file.new_path, [])
                spans.append((start - _AROUND_HUNK, start + hunk.new_count + _AROUND_HUNK))
    for _, path, line in places(findings):
        wanted.setdefault(path, []).append((line - _AROUND_STEP, line + _AROUND_STEP + 1))
    return tuple(piece for path in sorted(wanted) for piece in _cut(snapshot, path, wanted[path]))


def _cut(snapshot: Snapshot, path: str, spans: list[tuple[int, int]]) -> Iterator[Excerpt]:
    """Pieces of a file, overlapping ones joined; spans are half open, in lines from 1."""
    lines = _lines(snapshot, path)
    joined: list[tuple[int, int]] = []
    for start, end in sorted((max(1, start), min(len(lines) + 1, end)) for start, end in spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    for start, end in joined:
        if start < end:
            yield Excerpt(snapshot=snapshot.number, path=path, first=start, lines=lines[start - 1 : end - 1])
