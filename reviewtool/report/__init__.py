# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reviews as text, JSON and other formats."""
