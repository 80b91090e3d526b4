# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The simulator against SPIN: `python -m tests.oracle.compare --programs 500 --seed 1 --documented`.

`--programs` are generated ones, a seed each; `--documented` adds those of `tests.oracle.documented`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reviewtool.replay.explore import explore
from reviewtool.replay.program import Program
from reviewtool.replay.verdict import Bound, Verdict
from tests.oracle.documented import CASES
from tests.oracle.generate import generate
from tests.oracle.promela import translate
from tests.oracle.spin import Answer, check

BOUND = Bound(states=400_000, seconds=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both answers to one program."""

    program: Program
    ours: Answer
    theirs: Answer
    verdict: Verdict
    """Ours about deadlocks."""

    @property
    def agrees(self) -> bool:
        """They are the same."""
        return self.ours == self.theirs


def compare(program: Program, directory: Path) -> Comparison:
    """Ask both; the simulator once for deadlocks and once for sleeps in atomic context."""
    deadlock = explore(program, atomic=False, bound=BOUND).verdict
    asleep = explore(program, deadlocks=False, bound=BOUND).verdict
    if Verdict.NONE_WITHIN_BOUND in (deadlock, asleep):
        raise RuntimeError(f"{program.name}: the bound ended the exploration")
    ours = Answer(deadlock=deadlock.trouble, asleep=asleep is Verdict.SLEEP_IN_ATOMIC)
    return Comparison(
        program=program, ours=ours, theirs=check(translate(program), directory / "spin"), verdict=deadlock
    )


def compare_in(program: Program, root: str) -> Comparison:
    """The same in a directory that is made for it below `root`."""
    with tempfile.TemporaryDirectory(dir=root) as directory:
        return compare(program, Path(directory))


def main() -> int:
    """Compare, print what differs and a summary; 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--documented", action="store_true")
    options = parser.parse_args()
    began = time.monotonic()
    verdicts: Counter[str] = Counter()
    machines: Counter[str] = Counter()
    different = 0
    programs = [generate(seed) for seed in range(options.seed, options.seed + options.programs)]
    programs += [case for case, _ in CASES] if options.documented else []
    with tempfile.TemporaryDirectory() as root, ProcessPoolExecutor(options.jobs) as pool:
        for result in pool.map(partial(compare_in, root=root), programs):
            verdicts[result.verdict] += 1
            verdicts["sleep-in-atomic"] += result.ours.asleep
            machines.update({item.machine for item in result.program.objects})
            if not result.agrees:
                different += 1
                print(f"{result.program.name} differs: ours {result.ours}, SPIN {result.theirs}", flush=True)
    print(f"{len(programs) - different} of {len(programs)} programs agree, seeds from {options.seed}")
    print("verdicts: " + ", ".join(f"{name} {number}" for name, number in sorted(verdicts.items())))
    print("programs with: " + ", ".join(f"{name} {number}" for name, number in sorted(machines.items())))
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
