# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reports of lockdep and its neighbours in the text of a mail: found, bounded, taken apart.

Nothing is required but that something tells the kind: titles, separators, chains and stacks may be trimmed, every line
may be quoted, indented, stamped or wrapped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from reviewtool.changelog.lockdep import Act, ChainEntry, Frame, Report, ReportKind, ReportLock
from reviewtool.changelog.lockdep_lines import Line, cleaned, lock_in, named, read_frame, read_lock
from reviewtool.changelog.lockdep_titles import clue_of, title_of

MOST_LINES: Final = 60_000
"""Lines of one text that are looked at."""
MOST_REPORTS: Final = 50
_STRANGE: Final = 3
"""Lines in a row that belong to no report: after so many it is over."""

_TASK: Final = re.compile(
    r"\s{0,60}(?P<task>\S.{0,40}?)/(?P<pid>\d{1,9})(?P<state> \[HC[^ ]{1,40}\])?,? "
    r"(?:is |just |takes|still )(?P<doing>[a-z ]{0,40})"
)
_TRYING: Final = re.compile(
    r"(?:is trying to (?:acquire|lock)(?: lock)?|takes|just changed the state of lock):\s*(?P<rest>.*)\Z"
)
_HOLDING: Final = re.compile(r"(?:but|and) (?:this )?task is (?:already|not) holding(?: lock)?:\s*(?P<rest>.*)\Z")
_NOT_HOLDING: Final = re.compile(r"but this task is not holding:\s*(?P<rest>.*)\Z")
_OTHER: Final = re.compile(
    r"(?:but this new dependency connects an? |to an? |but this lock (?:took|was taken by) another, )"
    r"[\w-]{1,30}(?: lock)?(?: in the past)?:"
)
_RELEASE: Final = re.compile(r"is trying to (?:release|contend) lock \((?P<name>.{1,200}?)\) at:")
_DEPENDENCY: Final = re.compile(r"which would create a new lock dependency:")
_ENTRY: Final = re.compile(r"\s{0,60}-> #(?P<number>\d{1,3})\s")
_STATES: Final = re.compile(r"inconsistent \{([\w -]{2,40})\} -> \{([\w -]{2,40})\} usage")
_HELD_COUNT: Final = re.compile(r"(?:\d{1,4} locks? held by|no locks held by|Showing all locks held)")
_HELD: Final = re.compile(r"\s{0,60}#\d{1,3}:")
_CHAIN: Final = re.compile(r"Chain exists of:")
_ACT: Final = re.compile(r"(?P<what>r?lock|sync)\((?P<lock>.{1,160}?)\);?\s*(?=\Z|\s{4})")
_KERNEL: Final = re.compile(r"\s{0,40}(?P<release>\d{1,2}\.\d{1,3}[^\s]{0,80}) \S{1,40} (?:Not tainted|Tainted:)")
_CPU_LINE: Final = re.compile(
    r"CPU: \d{1,5} (?:UID: \d{1,9} )?PID: (?P<pid>\d{1,9}) Comm: (?P<task>\S{1,32}) (?:\S{1,60} )?(?:Not tainted|"
    r"Tainted)"
)
_ATOMIC: Final = re.compile(r"in_atomic\(\): \d.*pid: (?P<pid>\d{1,9}), name: (?P<task>\S{1,32})")
_RELEASE_IN: Final = re.compile(r"(?:Not tainted|Tainted:[ A-Z()]{1,40}?) {1,20}(?P<release>\d{1,2}\.\d{1,3}\S{0,80})")
_DETAIL: Final = re.compile(
    r"(?:in_atomic\(\):|preempt_count:|RCU nest depth:|Preemption disabled at:|context-\{\d|rcu_scheduler_active|"
    r"RCU used illegally|and the lock comparison function|is freeing memory|write to 0x|read to 0x|caller is )"
)
_STACK: Final = re.compile(r"(?:stack backtrace|Call Trace|Call trace|Backtrace|Preemption disabled at)\b.{0,3}:?")
_FAMILIAR: Final = re.compile(
    r"""\s{0,60}(?:
        [=\-*~]{3,} | \.{2,} | \[\.{2,3}\] | <\/?(?:TASK|IRQ|NMI|SOFTIRQ)> | \(?\.{3}
      | (?:other\sinfo|the\sexisting|which\s|but\s|and\s|to\sa|\.\.\.|Possible\s|May\sbe\s|Chain\sexists
          |stack\sbacktrace
          |Call\s[Tt]race|CPU\d|CPU:|Hardware\sname|Workqueue:|RIP:|Code:|R[A-D0-9][A-Z0-9]:|RSP:|RBP:|RDX:|ORIG_RAX|FS:|CS:|CR2:|DR
          |irq\sevent|hardirqs|softirqs|Modules\slinked|lr\s:|pc\s:|sp\s:|x\d|pstate:|\{|inconsistent|lock\(|rlock\(|sync\(|\*\*\*
          |<Interrupt>|Showing|INFO:|BUG:|WARNING:|\d+\slocks?\sheld|no\slocks|\#\d|->|rcu|RCU|stack|Backtrace|Exception|Kernel|kernel
          |Preemption\sdisabled|preempt_count|in_atomic|task:|fix|the\scode|you\sdidn't|turning|value\schanged|write|read|Reported|raw:|note:)
    )""",
    re.X,
)


@dataclass(slots=True)
class _Draft:
    """A report in the making."""

    kind: ReportKind | None
    line: int
    title: str = ""
    kernel: str = ""
    task: str = ""
    pid: int = 0
    wanted: ReportLock | None = None
    holding: ReportLock | None = None
    others: list[ReportLock] = field(default_factory=list)
    states: tuple[str, ...] = ()
    chain: list[tuple[int, ReportLock, list[Frame]]] = field(default_factory=list)
    exists: tuple[str, ...] = ()
    scenario: list[Act] = field(default_factory=list)
    held: list[ReportLock] = field(default_factory=list)
    stack: list[Frame] = field(default_factory=list)
    detail: list[str] = field(default_factory=list)
    section: str = ""
    interrupted: bool = False
    last: int = 0

    def done(self) -> Report | None:
        """The report; None if nothing told its kind."""
        if self.kind is None:
            return None
        return Report(
            kind=self.kind, line=self.line, end_line=max(self.last, self.line), title=self.title, kernel=self.kernel,
            task=self.task, pid=self.pid, wanted=self.wanted, holding=self.holding, others=tuple(self.others),
            states=self.states, exists=self.exists, scenario=tuple(self.scenario), held=tuple(self.held),
            chain=tuple(ChainEntry(number=n, lock=lock, stack=tuple(stack)) for n, lock, stack in self.chain),
            stack=tuple(self.stack), detail=tuple(self.detail),
        )  # fmt: skip


def parse_reports(text: str, first: int = 1) -> tuple[Report, ...]:
    """All reports of a text whose first line has the number `first`."""
    lines = cleaned("\n".join(text.split("\n")[:MOST_LINES]), first)
    found: list[Report] = []
    at = 0
    while at < len(lines) and len(found) < MOST_REPORTS:
        draft = _begun(lines, at)
        if draft is None:
            at += 1
            continue
        at = _read(lines, at, draft)
        report = draft.done()
        if report is not None:
            found.append(report)
    return tuple(found)


def _begun(lines: Sequence[Line], at: int) -> _Draft | None:
    """A report that begins at this line: its title, or without one what a task was doing."""
    line = lines[at]
    titled = title_of(line.text)
    if titled is None and at + 1 < len(lines) and len(line.text) > 40 and line.text.strip(" =-*#"):
        titled = title_of(f"{line.text.rstrip()} {lines[at + 1].text.strip()}")
    if titled is not None:
        kind, match = titled
        found = match.groupdict()
        draft = _Draft(kind, line.number, title=match[0].strip("[] "), task=found.get("task") or "")
        draft.pid = int(found.get("pid") or 0)
        if found.get("detail"):
            draft.detail.append(found["detail"])
        draft.last = line.number
        return draft
    if _TASK.match(line.text) and (_TRYING.search(line.text) or _RELEASE.search(line.text)):
        return _Draft(None, line.number)
    kind_of_clue = clue_of(line.text)
    return _Draft(kind_of_clue, line.number) if kind_of_clue is not None else None


def _read(lines: Sequence[Line], at: int, draft: _Draft) -> int:
    """Read on from a report's first line; the index of the line behind it."""
    start = at
    strange = 0
    while at < len(lines):
        text = lines[at].text
        if at > start and title_of(text) is not None and title_of(text)[0] not in (draft.kind, ReportKind.ASSERTION):  # type: ignore[index]
            break
        if at > start and title_of(text) is not None and draft.stack:
            break
        used = _line(lines, at, draft)
        if used:
            strange = 0
            at += used
            draft.last = lines[at - 1].number
            continue
        if text.strip() and not _FAMILIAR.match(text) and at > start:
            strange += 1
            if strange >= _STRANGE:
                return at - strange + 1
        at += 1
    return at


def _line(lines: Sequence[Line], at: int, draft: _Draft) -> int:
    """Take what a line says into the draft; how many lines that were, 0 if it says nothing."""
    text = lines[at].text
    if not text.strip():
        return 0
    if draft.kind is None:
        draft.kind = clue_of(text)
    for reader in (_of_task, _of_locks, _of_chain, _of_scenario, _of_held, _of_numbers):
        used = reader(lines, at, draft)
        if used:
            return used
    frame = read_frame(text)
    if frame is not None:
        _stack_of(draft).append(frame)
        return 1
    return 0


def _stack_of(draft: _Draft) -> list[Frame]:
    if draft.section == "chain" and draft.chain:
        return draft.chain[-1][2]
    return draft.stack if draft.section != "elsewhere" else []


def _of_task(lines: Sequence[Line], at: int, draft: _Draft) -> int:
    text = lines[at].text
    kernel = _KERNEL.match(text)
    if kernel is not None:
        draft.kernel = draft.kernel or kernel["release"]
        return 1
    match = _TASK.match(text)
    if match is not None:
        draft.task, draft.pid = match["task"].strip(), int(match["pid"])
    release = _RELEASE.search(text)
    if release is not None:
        draft.wanted = named(release["name"])
        return 1
    trying = _TRYING.search(text) or (_TRYING.search(_next(lines, at)) if match is not None else None)
    if trying is not None and draft.wanted is None:
        lines_before = 1 if _TRYING.search(text) else 2
        found = read_lock(lines, at + lines_before)
        if found is not None:
            draft.wanted = found[0]
            return lines_before + found[1]
        return lines_before
    if match is not None and "freeing memory" in text:
        draft.detail.append(text.strip())
        found = read_lock(lines, at + 1)
        draft.wanted = found[0] if found is not None else None
        return 1 + (found[1] if found is not None else 0)
    return 1 if match is not None and draft.kind is not None else 0


def _next(lines: Sequence[Line], at: int) -> str:
    """The line with the next one behind it: a sentence of the report may be wrapped."""
    return f"{lines[at].text} {lines[at + 1].text.strip()}" if at + 1 < len(lines) else lines[at].text


def _of_locks(lines: Sequence[Line], at: int, draft: _Draft) -> int:
    text = lines[at].text
    nested = _NOT_HOLDING.search(text)
    if nested is not None:
        name = nested["rest"].strip() or (lines[at + 1].text.strip() if at + 1 < len(lines) else "")
        draft.holding = lock_in(name) or (named(name.strip("()")) if name else None)
        return 1 if nested["rest"].strip() else 2
    if _HOLDING.search(text):
        found = read_lock(lines, at + 1)
        draft.holding = draft.holding or (found[0] if found is not None else None)
        return 1 + (found[1] if found is not None else 0)
    if _DEPENDENCY.search(text) and at + 1 < len(lines):
        joined = _next(lines, at + 1)
        draft.others.extend(lock for part in joined.split(" -> ")[:2] if (lock := lock_in(part)) is not None)
        return 2
    if _OTHER.search(text):
        found = read_lock(lines, at + 1)
        if found is not None:
            draft.others.append(found[0])
        draft.section = "elsewhere"
        return 1 + (found[1] if found is not None else 0)
    states = _STATES.search(text)
    if states is not None:
        draft.states = (states[1], states[2])
        return 1
    return 0


def _of_chain(lines: Sequence[Line], at: int, draft: _Draft) -> int:
    text = lines[at].text
    entry = _ENTRY.match(text)
    if entry is not None:
        found = read_lock(lines, at)
        if found is None:
            return 0
        draft.section = "chain"
        draft.chain.append((int(entry["number"]), found[0], []))
        return found[1]
    if _CHAIN.search(text):
        joined, used = "", 1
        while at + used < len(lines) and used < 6 and lines[at + used].text.strip():
            joined += " " + lines[at + used].text.strip()
            used += 1
        draft.exists = tuple(part.strip() for part in joined.split("-->") if part.strip())
        draft.section = "elsewhere"
        return used
    if _STACK.search(text):
        draft.section = "stack"
        return 1
    if "other info that might help" in text or "registered at:" in text or "which became" in text:
        draft.section = "elsewhere"
        return 1
    return 0


def _of_scenario(lines: Sequence[Line], at: int, draft: _Draft) -> int:
    text = lines[at].text
    if "<Interrupt>" in text:
        draft.interrupted = True
        return 1
    found = list(_ACT.finditer(text)) if text.lstrip().startswith(("lock(", "rlock(", "sync(")) else []
    for match in found:
        column = match.start()
        cpu = 1 if column >= 20 else -1 if draft.interrupted else 0
        draft.scenario.append(Act(cpu=cpu, what=match["what"], lock=match["lock"].strip()))
    return 1 if found else 0


def _of_held(lines: Sequence[Line], at: int, draft: _Draft) -> int:
    text = lines[at].text
    if _HELD_COUNT.search(text):
        draft.section = "elsewhere"
        return 1
    if _HELD.match(text):
        found = read_lock(lines, at)
        if found is not None:
            draft.held.append(found[0])
            return found[1]
    return 0


def _of_numbers(lines: Sequence[Line], at: int, draft: _Draft) -> int:
    text = lines[at].text
    match = _CPU_LINE.search(text) or _ATOMIC.search(text)
    if match is not None:
        draft.task, draft.pid = draft.task or match["task"], draft.pid or int(match["pid"])
        release = _RELEASE_IN.search(text)
        draft.kernel = draft.kernel or (release["release"] if release is not None else "")
        if _DETAIL.search(text):
            draft.detail.append(text.strip())
        return 1
    if _DETAIL.search(text) and draft.kind is not None:
        draft.detail.append(text.strip())
        return 1
    return 0
