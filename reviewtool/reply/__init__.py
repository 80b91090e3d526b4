# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Reviews as mails: drafts that answer patches, and what b4 shows. Nothing here sends."""
