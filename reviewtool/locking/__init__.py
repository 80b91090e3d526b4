# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The lock model: classes, flow, summaries, call graph, order graph."""
