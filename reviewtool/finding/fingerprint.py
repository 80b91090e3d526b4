# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Fingerprints: the name of a finding that survives unrelated changes of the file around it."""

from __future__ import annotations

import hashlib


def fingerprint(rule: str, *parts: str) -> str:
    """A hex digest of the rule and of what identifies the place: file, function, locks; never line numbers."""
    text = "\0".join((rule, *parts))
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
