# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Kernel C in, facts out. Knows nothing of git, mail or locks."""
