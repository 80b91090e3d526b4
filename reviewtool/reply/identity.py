# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Who the drafts are from: as git send-email would have it, but never from a tree's configuration."""

from __future__ import annotations

import os
import subprocess
from email.utils import getaddresses

from reviewtool.mail.model import Address
from reviewtool.reply.address import is_address
from reviewtool.reply.errors import ReplyError

_KEYS = ("sendemail.from", "user.name", "user.email")
_HOW = "set it with git config --global user.email, or give --from 'A Reviewer <a@example.org>'"


def find_identity(given: str | None = None) -> Address:
    """The user's name and address: what was given, else sendemail.from, else user.name and user.email.

    Raises ReplyError if there is none or it is no address.
    """
    known = {} if given else _git_settings()
    named = given or known.get("sendemail.from", "")
    if named:
        found = [(name, email) for name, email in getaddresses([named]) if email]
        if len(found) != 1 or not is_address(found[0][1]):
            raise ReplyError(f"{named!r} is no name with an address: {_HOW}")
        name, email = found[0]
        return Address(name=name or known.get("user.name", ""), email=email)
    email = known.get("user.email", "")
    if not email:
        raise ReplyError(f"nobody knows whom the drafts are from: {_HOW}")
    if not is_address(email):
        raise ReplyError(f"git's user.email {email!r} is no address: {_HOW}")
    return Address(name=known.get("user.name", ""), email=email)


def _git_settings() -> dict[str, str]:
    """What the user's own git configuration says; nothing without git."""
    environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1"}
    words = ["git", "config", "--global", "--includes", "-z", "--get-regexp", r"^(user\.(name|email)|sendemail\.from)$"]
    try:
        done = subprocess.run(words, capture_output=True, env=environment, check=False)
    except OSError:
        return {}
    pairs = (entry.partition("\n") for entry in done.stdout.decode("utf-8", "replace").split("\0"))
    return {key: value.strip() for key, _, value in pairs if key in _KEYS}
