# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Random edits, sent as diffs: snapshot k has what the author had after patch k."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewtool.tree.change import Change, FileChange
from reviewtool.tree.memory import MemorySnapshot
from reviewtool.tree.model import Applied
from reviewtool.tree.opening import open_tree

Files = dict[str, str]

NAMES = st.sampled_from(["a.c", "dir/b.c", "dir/c.h", "e"])
LINE = st.sampled_from(["{", "}", "lock", "unlock", "", "\tx", "return 0;"])
CONTENT = st.builds(
    lambda lines, end: "\n".join(lines) + end, st.lists(LINE, min_size=1, max_size=25), st.sampled_from(["\n", ""])
).filter(bool)
STATE = st.dictionaries(NAMES, CONTENT, max_size=4)


def diff(name: str, old: str | None, new: str | None) -> str:
    """A whole-file diff: every line goes and comes, so that it leads to one result only."""
    lines = [f"diff --git a/{name} b/{name}"]
    lines += ["new file mode 100644"] if old is None else ["deleted file mode 100644"] if new is None else []
    lines += [f"--- a/{name}" if old is not None else "--- /dev/null"]
    lines += [f"+++ b/{name}" if new is not None else "+++ /dev/null"]
    sides = [(kind, text.split("\n")) for kind, text in (("-", old), ("+", new)) if text is not None]
    counts = {kind: len(parts) - (parts[-1] == "") for kind, parts in sides}
    old_count, new_count = counts.get("-", 0), counts.get("+", 0)
    lines.append(f"@@ -{int(old_count > 0)},{old_count} +{int(new_count > 0)},{new_count} @@")
    for kind, parts in sides:
        lines += [kind + part for part in parts[: counts[kind]]]
        lines += ["\\ No newline at end of file"] if parts[-1] else []
    return "\n".join(lines) + "\n"


def change(number: int, old: Files, new: Files) -> Change:
    files = tuple(
        FileChange(
            old_path=name if name in old else "",
            new_path=name if name in new else "",
            text=diff(name, old.get(name), new.get(name)),
        )
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )
    return Change(number=number, files=files)


@settings(max_examples=30, deadline=None)
@given(st.lists(STATE, min_size=2, max_size=5))
def test_snapshots_follow_the_author(states: list[Files]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        top = Path(directory)
        for name, content in states[0].items():
            (top / name).parent.mkdir(exist_ok=True)
            (top / name).write_bytes(content.encode())
        changes = [change(number, old, new) for number, (old, new) in enumerate(pairwise(states), 1)]
        with open_tree(top) as tree:
            stack = tree.stack(changes)
            assert {item.applied for item in stack.applications} <= {Applied.YES, Applied.SKIPPED}
            base = MemorySnapshot(states[0])
            for number, state in enumerate(states):
                expected = MemorySnapshot(state, number=number, base=base)
                snapshot = stack.snapshots[number]
                assert snapshot.list() == expected.list()
                assert snapshot.read_many(expected.list()) == expected.read_many(expected.list())
                assert snapshot.changed() == expected.changed()
                for prefix in ("dir", "a.c", "d", "dir/b.c"):
                    assert snapshot.list(prefix) == expected.list(prefix)
                for name in ("a.c", "dir/b.c", "dir/c.h", "e", "nowhere"):
                    assert snapshot.identity(name) == expected.identity(name)
                    assert snapshot.read(name) == expected.read(name)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("ab/.-0", min_size=1, max_size=6), unique=True), st.text("ab/.-0", max_size=4))
def test_listing_by_search_is_listing_by_looking(paths: list[str], prefix: str) -> None:
    snapshot = MemorySnapshot(dict.fromkeys(paths, b""))
    wanted = prefix.strip("/")
    if wanted in ("", "."):
        expected = paths
    elif wanted in paths:
        expected = [wanted]
    else:
        expected = [path for path in paths if path.startswith(wanted + "/")]
    assert snapshot.list(prefix) == tuple(sorted(expected))
