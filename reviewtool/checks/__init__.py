# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Rules: what is wrong with what the model shows."""
