# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The limits that the house sets itself: sizes, first lines, and no kernel name in the code."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewtool.ruleset import load

TOP = Path(__file__).resolve().parent.parent
SOURCES = sorted((TOP / "reviewtool").rglob("*.py"))
HEAD = "# SPDX-License-Identifier: GPL-2.0-or-later\n# Copyright: reviewtool contributors\n"
MOST_LINES, MOST_FUNCTION_LINES = 500, 70


def relative(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


@pytest.mark.parametrize("path", [*SOURCES, *sorted((TOP / "tests").rglob("*.py"))], ids=relative)
def test_every_file_begins_with_its_license(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(HEAD)


def test_files_and_functions_are_small() -> None:
    large = []
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > MOST_LINES:
            large.append(relative(path))
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if (node.end_lineno or 0) - node.lineno >= MOST_FUNCTION_LINES:
                large.append(f"{relative(path)}:{node.name}")
    assert large == []


def literals(tree: ast.Module) -> Iterator[str]:
    """The texts of the code, without docstrings."""
    prose = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def test_no_primitive_of_the_kernel_stands_in_the_code() -> None:
    """Names with an underscore only: plain words (`down`, `up`, `guard`) are words of English, too."""
    ruleset = load()
    known = {*ruleset.primitives, *ruleset.definers, *ruleset.typed_macros, *ruleset.outside}
    known |= {*ruleset.syntax.loops, *ruleset.syntax.attributes, *ruleset.syntax.declarers, *ruleset.syntax.noreturn}
    names = {name for name in known if "_" in name.strip("_")}
    assert len(names) > 100
    found = [
        f"{relative(path)}: {word}"
        for path in SOURCES
        for text in literals(ast.parse(path.read_text(encoding="utf-8")))
        for word in re.findall(r"\w+", text)
        if word in names
    ]
    assert found == []


def test_the_layers_of_the_contract_are_all_packages() -> None:
    configuration = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    layers = configuration["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {name.strip() for layer in layers for name in re.split(r"[:|]", layer)}
    packages = {path.parent.name for path in (TOP / "reviewtool").glob("*/__init__.py")}
    assert named == packages


@pytest.mark.parametrize("name", ["reviewtool", "tests", "rules", "sample-threads", ".ci"])
def test_no_path_of_a_machine(name: str) -> None:
    machine = re.compile(rb"(?<![\w./-])/(?:home|root|Users)/[a-z]")
    files = [path for path in (TOP / name).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert [relative(path) for path in files if machine.search(path.read_bytes())] == []
