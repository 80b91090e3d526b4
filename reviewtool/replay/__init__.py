# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A witness as a small concurrent program, and every way in which it can run."""
