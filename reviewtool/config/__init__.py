# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The user's configuration; never read from a tree."""
