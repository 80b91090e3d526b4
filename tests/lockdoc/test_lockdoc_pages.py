# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The examples of the pages about documents: code and document together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from reviewtool.lockdoc.compare import check_document
from reviewtool.lockdoc.model import Document
from reviewtool.locking.lockmodel import LockModel
from reviewtool.tree.memory import MemorySnapshot

PAGES = sorted((Path(__file__).resolve().parents[2] / "rules" / "checks" / "doc").glob("*.md"))
MakeTree = Callable[[Mapping[str, str]], tuple[MemorySnapshot, tuple[LockModel, ...], Document]]


def section(page: str, title: str) -> tuple[str, str]:
    """The code and the document of a section."""
    text = page.partition(f"## {title}\n")[2].partition("\n## ")[0]
    blocks = dict(re.findall(r"```(c|rst)\n(.*?)```", text, re.DOTALL))
    return blocks["c"], blocks["rst"]


def test_there_are_pages() -> None:
    assert len(PAGES) == 9


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
@pytest.mark.parametrize(("title", "reported"), [("Example", True), ("Use instead", False)])
def test_a_page_shows_what_it_reports(path: Path, title: str, reported: bool, tree: MakeTree) -> None:
    code, text = section(path.read_text(encoding="utf-8"), title)
    snapshot, models, document = tree({"virt/kvm/main.c": code, "Documentation/virt/kvm/locking.rst": text})
    rules = {finding.rule for finding in check_document(models, document, snapshot)}
    assert (path.stem in rules) is reported
    if not reported:
        assert rules <= {"doc-record-missing", "doc-lock-undocumented"}
