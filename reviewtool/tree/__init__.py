# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A git repository or a plain directory in, snapshots out. Knows nothing of C, mail or locks."""
