# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The places, steps and changes of a finding as SARIF has them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from reviewtool.finding.model import Finding
from reviewtool.locking.model import Step
from reviewtool.mail.diff import read_diff
from reviewtool.mail.model import FileDiff, Hunk
from reviewtool.report import sarif_model as sarif
from reviewtool.report.visible import visible
from reviewtool.review.lines import LineReader, other_snapshot
from reviewtool.ruleset.model import Group

_PARALLEL = ("CPU0", "CPU1")
"""Names of contexts that run against each other, lockdep's."""


def artifact(path: str) -> sarif.ArtifactLocation:
    """A file of the tree."""
    return sarif.ArtifactLocation(uri=quote(path.encode("utf-8", "replace"), safe="/+@,=~"), uri_base_id="SRCROOT")


def place(path: str, line: int, function: str = "", *, source: str = "", **more: object) -> sarif.Location:
    """A line of the tree; `source` is its text where that is known. `more` are fields of the location."""
    snippet = sarif.Content(text="\t".join(map(visible, source.split("\t")))) if source else None
    region = sarif.Region(start_line=line, snippet=snippet) if line > 0 else None
    return sarif.Location(
        physical_location=sarif.PhysicalLocation(artifact_location=artifact(path), region=region),
        logical_locations=(sarif.LogicalLocation(name=visible(function), kind="function"),) if function else (),
        **more,  # type: ignore[arg-type]
    )


def code_flows(finding: Finding, read_line: LineReader) -> tuple[sarif.CodeFlow, ...]:
    """The witness and the opposite path, one thread flow each; none for a finding without steps."""
    parallel = finding.group is Group.ORDER and bool(finding.other)
    names = _PARALLEL if parallel else ("path", "other path")
    said = ("the path", "the other way round" if parallel else "the other place")
    ways = ((finding.witness, finding.snapshot), (finding.other, other_snapshot(finding)))
    flows = [
        sarif.ThreadFlow(
            id=name,
            message=sarif.Message(text=text),
            locations=tuple(_step(step, snapshot, read_line) for step in steps),
        )
        for name, text, (steps, snapshot) in zip(names, said, ways, strict=True)
        if steps
    ]
    return (sarif.CodeFlow(thread_flows=tuple(flows)),) if flows else ()


def _step(step: Step, snapshot: int, read_line: LineReader) -> sarif.ThreadFlowLocation:
    source = read_line(snapshot, step.path, step.line)
    return sarif.ThreadFlowLocation(
        location=place(
            step.path, step.line, step.function, source=source, message=sarif.Message(text=visible(step.event))
        ),
        state={visible(lock): sarif.Message(text="held") for lock in step.held},
    )


def related(finding: Finding) -> tuple[sarif.Location, ...]:
    """Further places with the same cause, and the paragraph of the document."""
    found = [
        place(step.path, step.line, step.function, id=number, message=sarif.Message(text=visible(step.event)))
        for number, step in enumerate(finding.places, 1)
    ]
    if finding.document is not None:
        text = sarif.Message(text=f"the document says: {visible(finding.document.quote.strip())}")
        found.append(place(finding.document.path, finding.document.line, id=len(found) + 1, message=text))
    return tuple(found)


def fixes(finding: Finding) -> tuple[sarif.Fix, ...]:
    """The suggestion as replacements of lines; none if there is no suggestion that can be read."""
    if not finding.suggestion:
        return ()
    changes = tuple(
        sarif.ArtifactChange(artifact_location=artifact(file.old_path), replacements=tuple(_replacements(file)))
        for file in read_diff(finding.suggestion, 0).files
        if file.old_path and file.hunks
    )
    if not changes:
        return ()
    return (sarif.Fix(description=sarif.Message(text="The suggested change."), artifact_changes=changes),)


def _replacements(file: FileDiff) -> Iterator[sarif.Replacement]:
    for hunk in file.hunks:
        yield _replacement(hunk)


def _replacement(hunk: Hunk) -> sarif.Replacement:
    """Whole lines for whole lines, from the first that changes to the last; an insertion goes before a line."""
    lines = [line for line in hunk.lines if line.kind in (" ", "+", "-")]
    changed = [index for index, line in enumerate(lines) if line.kind != " "]
    first, last = (changed[0], changed[-1]) if changed else (0, -1)
    middle = lines[first : last + 1]
    old = [line for line in middle if line.kind != "+"]
    text = "\n".join(line.text for line in middle if line.kind != "-")
    begin = hunk.old_start + sum(line.kind != "+" for line in lines[:first]) + (0 if hunk.old_count else 1)
    if not old:
        region = sarif.Region(start_line=begin, start_column=1, end_line=begin, end_column=1)
        return sarif.Replacement(deleted_region=region, inserted_content=sarif.Content(text=f"{text}\n"))
    if all(line.kind == "-" for line in middle):
        region = sarif.Region(start_line=begin, start_column=1, end_line=begin + len(old), end_column=1)
        return sarif.Replacement(deleted_region=region)
    region = sarif.Region(start_line=begin, end_line=begin + len(old) - 1)
    return sarif.Replacement(deleted_region=region, inserted_content=sarif.Content(text=text))
