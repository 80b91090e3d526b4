# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool reply`: drafts of replies. It never sends, and says how to."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import click

from reviewtool.cli.narrate import complain
from reviewtool.cli.options import compare_option, engine_options, wanted
from reviewtool.cli.output import write
from reviewtool.cli.running import Run
from reviewtool.mail.model import Address
from reviewtool.reply.drafts import Choice, Draft, make_drafts
from reviewtool.reply.errors import ReplyError
from reviewtool.reply.identity import find_identity
from reviewtool.reply.letter import Letter, Stamp, write_letter
from reviewtool.reply.phrases import Phrases
from reviewtool.reply.store import mboxrd, open_store
from reviewtool.report.visible import visible
from reviewtool.review.model import Review
from reviewtool.review.request import ReviewRequest

_SEND = "git send-email --suppress-cc=self --suppress-cc=body"
"""Takes To, Cc and the parents from the draft, and adds nobody whom the text names."""


@click.command("reply", short_help="Write drafts of replies to the patches.")
@click.argument("source", required=False, metavar="SOURCE")
@click.option("--range", "range_", metavar="A..B", hidden=True, help="There is no mail to reply to.")
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="Revision of the series (default: newest).")
@click.option(
    "--patch",
    "patches",
    multiple=True,
    type=click.IntRange(min=0),
    metavar="N",
    help="Reply to this patch only, 0 the cover letter; may be repeated.",
)
@click.option("--finding", "findings", multiple=True, metavar="ID", help="Tell this finding only; may be repeated.")
@click.option("--plus-one", is_flag=True, help='Say "+1" where somebody made the point before.')
@click.option(
    "--trailer",
    "trailers",
    multiple=True,
    metavar="TEXT",
    help="Reply with this trailer where there is nothing to say: 'Reviewed-by: A <a@example.org>'.",
)
@click.option("--from", "from_", metavar="ADDRESS", help="Whom the drafts are from (default: as git send-email).")
@click.option(
    "-o",
    "--output",
    "place",
    metavar="DIR|MBOX|MAILDIR",
    help="Where to put the drafts: a directory, NAME.mbox, mbox:PATH, an existing maildir or maildir:PATH "
    "(default: an mbox on standard output).",
)
@compare_option
@engine_options
def command(source: str | None, range_: str | None, revision: int | None, **options: Any) -> int:
    """Write a draft for each patch of SOURCE that has something to say, and one to the cover letter. Sends nothing.

    Standard output has the names of the new drafts, or without -o the drafts themselves as an mbox. A draft that is
    there already, edited or not, is never changed. The wording is yours: [reply] in the configuration.
    """
    from reviewtool.review import engine

    context = click.get_current_context()
    if range_ is not None:
        raise click.UsageError("commits are no mails that one could reply to; give a SOURCE", context)
    if source is None:
        raise click.UsageError("give a SOURCE", context)
    choice = wanted(options)
    try:
        me = find_identity(options["from_"] or choice.configuration.reply.sender)
        phrases = Phrases(choice.configuration.reply)
        store = open_store(options["place"]) if options["place"] not in (None, "-") else None
    except ReplyError as error:
        raise click.UsageError(str(error), context) from None
    request = ReviewRequest(source=source, revision=revision, compare=options["compare"], settings=choice.settings)
    run = Run([(request.label, partial(engine.review_source, request))], choice.fail_on)
    asked = Choice(
        patches=frozenset(options["patches"]),
        findings=frozenset(options["findings"]),
        plus_one=options["plus_one"],
        trailers=tuple(_whole_trailer(text, me) for text in options["trailers"]),
        me=me.name,
    )
    for review in run.reviews():
        try:
            letters = [write_letter(draft, me, Stamp()) for draft in _drafts(review, asked, phrases)]
            if store is None:
                write(mboxrd(letter.data).decode() for letter in letters)
                continue
            paths = [path for letter in letters if (path := store.put(letter)) is not None]
        except ReplyError as error:
            raise click.UsageError(str(error), context) from None
        write(f"{path}\n" for path in dict.fromkeys(paths))
        _tell(letters, paths)
    return run.status


def _whole_trailer(text: str, me: Address) -> str:
    """`Reviewed-by` alone is meant to have the user's own name."""
    key = text.strip().removesuffix(":")
    return f"{key}: {me.name} <{me.email}>" if key.replace("-", "").isalnum() else text.strip()


def _drafts(review: Review, asked: Choice, phrases: Phrases) -> Iterable[Draft]:
    drafts = make_drafts(review, asked, phrases)
    if not drafts:
        complain(f"{review.source}: nothing to say, no draft written")
    return drafts


def _tell(letters: list[Letter], paths: list[str]) -> None:
    """How to send, and what was left out; on standard error."""
    for letter in letters:
        for person in letter.recipients.refused:
            complain(f"{letter.draft.answers.subject}: {person.email!r} is no address and was left out")
    if letters and len(paths) < len(letters):
        count = len(letters) - len(paths)
        complain(f"{count} draft{' was' if count == 1 else 's were'} there already")
    if not paths:
        return
    names = " ".join(shlex.quote(visible(path)) for path in dict.fromkeys(paths))
    if all(Path(path).suffix == ".eml" for path in paths):
        complain(f"to send them: {_SEND} {names}")
        complain(f"or edit and send one: mutt -H {shlex.quote(visible(paths[0]))}")
    elif ":2," in paths[0]:
        complain(f"to edit and send them: mutt -f {shlex.quote(visible(str(Path(paths[0]).parent.parent)))}, and e")
    else:
        complain(f"to send them: git mailsplit -o DIR --mboxrd {names}, then {_SEND} DIR/*")
