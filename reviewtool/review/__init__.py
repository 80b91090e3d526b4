# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Thread, tree and checks together: a Review."""
