# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The parse report: it must see what an error swallows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reviewtool.csource.ctags import CtagsError, list_functions
from reviewtool.csource.parsereport import DroppedBranch, Missing, ParseReport, add_file, render
from reviewtool.ruleset import load

SYNTAX = load().syntax
GOOD = b"int a(void)\n{\n\treturn one;\n}\n\nint b(int x)\n{\n\treturn two(x, three);\n}\n"
BAD = b"int c(void)\n{\n\tif (x {\n\t\t= ;\n}\n"


def report_of(source: bytes, *listed: tuple[str, int]) -> ParseReport:
    report = ParseReport()
    add_file(report, "x.c", source, SYNTAX, listed)
    return report


def test_all_is_well() -> None:
    report = report_of(GOOD, ("a", 1), ("b", 6))
    assert (report.files, report.cuts, report.functions, report.missing, report.broken) == (1, 2, 2, [], 0)
    assert (report.identifiers, report.moved) == (4, 0)
    assert "0 of 2 (0.00 %)" in render(report)


def test_a_function_with_an_error_is_missing() -> None:
    report = report_of(GOOD + BAD, ("a", 1), ("b", 6), ("c", 10))
    assert report.missing == [Missing(path="x.c", line=10, name="c")]
    assert report.broken == 1
    assert "x.c:10: c" in render(report)


def test_a_function_that_is_not_in_the_tree_is_missing() -> None:
    assert report_of(GOOD, ("a", 1), ("b", 6), ("d", 6)).missing == [Missing(path="x.c", line=6, name="d")]


def test_errors_in_records_and_tables() -> None:
    source = b"struct s {\n\tint a @ b) c;\n};\n\nstruct o t = {\n\t.a = = b ),\n};\n"
    report = report_of(source)
    assert [entry.line for entry in report.record_errors] == [1]
    assert [entry.line for entry in report.table_errors] == [5]


def test_what_a_dropped_branch_cost() -> None:
    source = b"int a(void)\n{\n#ifdef A\n\tif (one()) {\n#else\n\tif (two()) {\n\t\tthree();\n#endif\n\t}\n}\n"
    report = report_of(source, ("a", 1))
    assert report.missing == []
    assert report.dropped == [DroppedBranch(path="x.c", line=6, end_line=8, calls=("two", "three"))]
    assert "dropped #if branches: 1, with 2 lines and 2 calls" in render(report)


def test_masked_identifiers_are_counted() -> None:
    report = report_of(b"int a(void)\n{\n\tPAIR(one, ==, two);\n\tfor_each_x(b)\n\t\tc();\n}\n")
    assert (report.identifiers, report.moved) == (5, 2)


@pytest.mark.skipif(shutil.which("ctags") is None, reason="needs universal-ctags")
def test_ctags_lists_functions(tmp_path: Path) -> None:
    (tmp_path / "x.h").write_bytes(GOOD)
    (tmp_path / "y.c").write_bytes(b"int y(void) { }\n")
    assert dict(list_functions(tmp_path, ["x.h", "y.c"])) == {"x.h": [("a", 1), ("b", 6)], "y.c": [("y", 1)]}


def test_missing_ctags_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CtagsError, match="install"):
        list_functions(tmp_path, ["x.c"])


def test_another_ctags_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ctags").write_text("#!/bin/sh\necho 'ctags: unknown option' >&2\nexit 1\n")
    (tmp_path / "ctags").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(CtagsError, match="unknown option"):
        list_functions(tmp_path, ["x.c"])
