# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The notation and the oracle are shared between test directories, as `tests.oracle`."""

from __future__ import annotations

import sys
from pathlib import Path

TOP = str(Path(__file__).resolve().parent.parent.parent)
if TOP not in sys.path:
    sys.path.insert(0, TOP)
