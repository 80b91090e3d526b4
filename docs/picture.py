# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
# ruff: noqa: INP001 - a script
"""Makes docs/review.svg, the picture on top of README.md: the real program on the sample thread `inversion`."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

from reviewtool.review.child import EngineProcess
from reviewtool.review.request import ReviewRequest, Settings
from reviewtool.tui.app import ReviewApp

TOP = Path(__file__).resolve().parent.parent
SAMPLE = TOP / "sample-threads" / "inversion"


async def picture() -> str:
    """The review screen on the finding of the second patch."""
    settings = Settings(tree=SAMPLE / "tree", no_cache=True)
    engine = EngineProcess(ReviewRequest(source=str(SAMPLE / "thread.mbox"), settings=settings, details=True))
    app = ReviewApp(engine, "sample")
    async with app.run_test(size=(120, 36)) as pilot:
        while not app.desk.finished or app.review_screen.mail.number < 0:
            await pilot.pause(0.05)
        finding = app.desk.findings()[0]
        app.review_screen.open_finding(finding.fingerprint)
        await pilot.pause(0.2)
        svg = app.export_screenshot(title="reviewtool review")
    return re.sub(r"terminal-\d+", "terminal", svg).rstrip("\n") + "\n"


def main() -> None:
    """Write it."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update({"XDG_STATE_HOME": home, "XDG_CACHE_HOME": home})
        (TOP / "docs" / "review.svg").write_text(asyncio.run(picture()), encoding="utf-8")


if __name__ == "__main__":
    main()
