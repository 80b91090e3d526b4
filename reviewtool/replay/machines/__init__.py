# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What each kind of lock, wait and mask does: small state machines over values that hash."""
