# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Helpers of the tests that drive the terminal UI."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_HERE = Path(__file__).parent
_SNAPSHOTS = _HERE / "__snapshots__"


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """The module tui_samples.py."""
    name = "tui_samples"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, _HERE / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture
def settle() -> Callable[[Any], Any]:
    """To be awaited with a pilot: until the engine has said everything and all is drawn."""

    async def wait(pilot: Any) -> None:
        for _ in range(200):
            await pilot.pause()
            if pilot.app.desk.finished and pilot.app.review_screen.mail.number >= 0:
                break
            await pilot.pause(0.01)
        await pilot.pause()

    return wait


@pytest.fixture
def same_picture() -> Callable[[Any, str], None]:
    """`same_picture(app, name)`: the screen is the one of the snapshot; REVIEWTOOL_UPDATE_GOLDENS=1 writes it."""

    def compare(app: Any, name: str) -> None:
        svg = _plain(app.export_screenshot())
        file = _SNAPSHOTS / f"{name}.svg"
        if os.environ.get("REVIEWTOOL_UPDATE_GOLDENS"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(svg, encoding="utf-8")
        assert file.exists(), f"{file.name} is missing; REVIEWTOOL_UPDATE_GOLDENS=1 writes it"
        wanted = file.read_text(encoding="utf-8")
        assert _words(svg) == _words(wanted)
        assert svg == wanted, f"{file.name}: the words are the same, colours or places differ"

    return compare


def _plain(svg: str) -> str:
    """Without the ids that differ from run to run."""
    return re.sub(r"terminal-\d+", "terminal", svg).rstrip("\n") + "\n"


def _words(svg: str) -> list[str]:
    """The texts, for a readable difference."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)
