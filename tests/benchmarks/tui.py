# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""How quick the terminal UI is: first paint, scrolling a long diff, keys while the analysis runs. Prints figures.

    python tests/benchmarks/tui.py [MBOX TREE]

With an mbox and a tree it measures keys while the engine works on that series, else on the sample thread `story`.
"""

from __future__ import annotations

import asyncio
import os
import pty
import resource
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

TOP = Path(__file__).resolve().parent.parent.parent
STORY = TOP / "sample-threads" / "story"


def first_paint(mbox: Path, tree: Path) -> float:
    """Seconds from the start of the program to the first screen with the name of the tool or the series."""
    master, slave = pty.openpty()
    ioctl(slave, TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    words = [sys.executable, "-m", "reviewtool", "review", str(mbox), "--tree", str(tree), "--no-config"]
    words[1:3] = ["-c", "from reviewtool.cli import main; main()"]
    begin = time.perf_counter()
    child = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    seen = b""
    while b"quit" not in seen and time.perf_counter() - begin < 20:
        if select.select([master], [], [], 0.01)[0]:
            seen += os.read(master, 65536)
    took = time.perf_counter() - begin
    child.kill()
    child.wait()
    os.close(master)
    os.close(slave)
    return took


def long_mail(lines: int) -> str:
    """A patch mail with so many changed lines."""
    body = "\n".join(f"{'+' if n % 3 else '-'}\tvalue_{n % 97} = compute(state, {n});" for n in range(lines))
    added = sum(1 for n in range(lines) if n % 3)
    return (
        "From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: A <a@example.org>\nSubject: [PATCH] long\n"
        "Date: Mon, 02 Feb 2026 09:15:01 +0100\nMessage-ID: <long@example.org>\n\nLong.\n\n---\n"
        f"diff --git a/x.c b/x.c\nindex 1234567..7654321 100644\n--- a/x.c\n+++ b/x.c\n"
        f"@@ -1,{lines - added} +1,{added} @@ f\n"
        f"{body}\n"
    )


async def scrolling(lines: int) -> None:
    """Open a long diff and page through it."""
    from reviewtool.mail.source import read_thread, select_series
    from reviewtool.review.events import Event, SeriesRead
    from reviewtool.tui.app import ReviewApp

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "long.mbox"
        file.write_text(long_mail(lines))
        series = select_series(read_thread(str(file)), None)

    class Engine:
        def events(self) -> Iterator[Event]:
            yield SeriesRead(source="long", series=series)

        def cancel(self) -> None:
            return

    app = ReviewApp(Engine(), "long")
    async with app.run_test(size=(200, 50)) as pilot:
        begin = time.perf_counter()
        while app.review_screen.mail.count < lines:
            await pilot.pause(0.01)
        print(f"opened {app.review_screen.mail.count} rows in {time.perf_counter() - begin:.2f} s")
        mail = app.review_screen.mail
        frames = []
        for step in range(200):
            begin = time.perf_counter()
            mail.to((step * 7919) % mail.count, centre=True) if step % 2 else mail.page(1)
            mail._strips.clear()
            app.review_screen.inspect()
            for y in range(mail.size.height):
                mail.render_line(y)
            for y in range(mail.size.height):
                app.review_screen.overview.render_line(y)
            frames.append((time.perf_counter() - begin) * 1000)
        tell("frame of a long diff", frames)
        print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


async def keys(mbox: Path, tree: Path) -> None:
    """Press keys while the engine works."""
    from reviewtool.review.child import EngineProcess
    from reviewtool.review.request import ReviewRequest, Settings
    from reviewtool.tui.app import ReviewApp

    settings = Settings(tree=tree, no_cache=True)
    engine = EngineProcess(ReviewRequest(source=str(mbox), settings=settings, details=True))
    app = ReviewApp(engine, str(mbox))
    async with app.run_test(size=(120, 36)) as pilot:
        while app.review_screen.mail.number < 0 and app.desk.refused is None:
            await pilot.pause(0.005)
        took = []
        pressed = ("j", "j", "space", "right_square_bracket", "j", "full_stop", "left_square_bracket", "k")
        begin = time.perf_counter()
        count = 0
        while count < 40 or (not app.desk.finished and time.perf_counter() - begin < 60):
            start = time.perf_counter()
            app.simulate_key(pressed[count % len(pressed)])
            await asyncio.sleep(0)
            app.screen._compositor  # noqa: B018
            await pilot._wait_for_screen()
            took.append((time.perf_counter() - start) * 1000)
            count += 1
            await asyncio.sleep(0.02)
        tell(f"key while {app.desk.series.expected if app.desk.series else 0} patches are analysed", took)
        engine.cancel()


def tell(what: str, times: list[float]) -> None:
    """A line with median, 95th percentile and worst."""
    ranked = sorted(times)
    worst, high = ranked[-1], ranked[int(len(ranked) * 0.95)]
    print(f"{what}: median {statistics.median(times):.1f} ms, 95 % {high:.1f} ms, worst {worst:.1f} ms ({len(times)})")


def main() -> None:
    """All of it."""
    mbox, tree = (
        (Path(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (STORY / "thread.mbox", STORY / "tree")
    )
    with tempfile.TemporaryDirectory() as home:
        os.environ.update({"XDG_STATE_HOME": home, "XDG_CACHE_HOME": home})
        paints = [first_paint(mbox, tree) for _ in range(5)]
        print(f"first paint: best {min(paints):.2f} s, median {statistics.median(paints):.2f} s")
        asyncio.run(keys(mbox, tree))
        asyncio.run(scrolling(100_000))


if __name__ == "__main__":
    main()
