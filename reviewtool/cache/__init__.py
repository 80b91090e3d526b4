# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The disk cache: bounded, versioned, safe under concurrent runs."""
