# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""A review assistant for locking in patches on kernel mailing lists."""

__version__ = "0.1.0"
"""The version of the package; facts in the cache are kept apart by it."""
