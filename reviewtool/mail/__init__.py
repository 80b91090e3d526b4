# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Threads in, series out. Knows nothing of C, git trees or locks."""
