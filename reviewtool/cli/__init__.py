# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The command line."""
