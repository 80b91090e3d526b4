# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Names for colours: what is drawn names an ink, the theme decides how it looks. No colour carries meaning alone."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color, ColorParseError

Inks = Mapping[str, Style]
"""Styles by ink name."""

LOCKS = 6
"""So many inks tell locks apart: `lock0`, `lock1` ..."""
PEOPLE = 5
"""Likewise reviewers; none is green, which means added."""


CODE = ("comment", "string", "keyword", "number", "call")
"""The inks of C; on the ground of changed lines they are called `added/comment` and so on."""


def make_inks(variables: Mapping[str, str], *, ansi: bool) -> Inks:
    """The inks of a theme, from its variables; with `ansi` from the terminal's own sixteen colours."""
    return _ansi_inks() if ansi else _full_inks(variables)


def _full_inks(variables: Mapping[str, str]) -> Inks:
    def colour(name: str, default: str) -> Color:
        try:
            return Color.parse(variables.get(name, default))
        except ColorParseError:
            return Color.parse(default)

    back, fore = colour("background", "#121212"), colour("foreground", "#e0e0e0")
    good, bad, warn = colour("success", "#4ebf71"), colour("error", "#ba3c5b"), colour("warning", "#ffa62b")
    first, second, accent = (
        colour("primary", "#0178d4"),
        colour("secondary", "#004578"),
        colour("accent", "#ffa62b"),
    )

    def on(text: Color, blend: Color | None = None, amount: float = 0.0, words: str = "") -> Style:
        ground = back.blend(blend, amount).rich_color if blend is not None else None
        return Style(color=text.rich_color, bgcolor=ground) + Style.parse(words)

    readable = fore.blend(first, 0.55)
    faint = on(fore.blend(back, 0.45))
    people = [first, accent, bad, warn, second]
    locks = [warn, first.lighten(0.15), accent, bad.lighten(0.1), second.lighten(0.25), good.blend(first, 0.5)]
    inks = {
        "plain": Style(),
        "faint": faint,
        "strong": Style(bold=True),
        "title": on(readable, words="bold"),
        "error": on(bad.lighten(0.15), words="bold"),
        "warning": on(warn, words="bold"),
        "note": on(readable),
        "good": on(good),
        "added": on(fore, good, 0.13),
        "removed": on(fore, bad, 0.16),
        "added-word": on(fore, good, 0.42, words="bold"),
        "removed-word": on(fore, bad, 0.5, words="bold"),
        "sign-added": on(good, good, 0.13, words="bold"),
        "sign-removed": on(bad.lighten(0.2), bad, 0.16, words="bold"),
        "file": on(fore, first, 0.35, words="bold"),
        "hunk": on(readable, first, 0.12),
        "keyword": on(fore.blend(first, 0.75)),
        "comment": on(fore.blend(back, 0.4), words="italic"),
        "string": on(fore.blend(accent, 0.55)),
        "number": on(fore.blend(warn, 0.5)),
        "call": on(fore.blend(second.lighten(0.4), 0.5)),
        "path": on(readable, words="underline"),
        "tree": on(fore.blend(back, 0.3)),
        "cursor": Style(bgcolor=back.blend(fore, 0.16).rich_color),
        "cursor-away": Style(bgcolor=back.blend(fore, 0.08).rich_color),
        "found": Style(color=back.rich_color, bgcolor=warn.rich_color),
        "key": on(accent, words="bold"),
        "mark": on(warn, words="bold"),
    }
    for ground in ("added", "removed"):
        inks.update({f"{ground}/{name}": inks[ground] + inks[name] for name in CODE})
    inks.update({f"lock{n}": on(locks[n], words="bold") for n in range(LOCKS)})
    inks.update({f"person{n}": on(fore.blend(people[n], 0.7), words="bold") for n in range(PEOPLE)})
    return inks


def _ansi_inks() -> Inks:
    words = {
        "plain": "", "faint": "dim", "strong": "bold", "title": "bold blue", "error": "bold red",
        "warning": "bold yellow", "note": "cyan", "good": "green", "added": "green", "removed": "red",
        "added-word": "reverse green", "removed-word": "reverse red", "sign-added": "bold green",
        "sign-removed": "bold red", "file": "bold reverse", "hunk": "cyan", "keyword": "blue", "comment": "dim",
        "string": "magenta", "number": "yellow", "call": "", "path": "underline", "tree": "dim", "cursor": "reverse",
        "cursor-away": "underline", "found": "black on yellow", "key": "bold", "mark": "bold yellow",
    }  # fmt: skip
    colours = ("yellow", "blue", "magenta", "red", "cyan", "white")
    words.update({f"{ground}/{name}": words[ground] for ground in ("added", "removed") for name in CODE})
    words.update({f"lock{n}": f"bold {colours[n]}" for n in range(LOCKS)})
    words.update({f"person{n}": f"bold {('blue', 'magenta', 'cyan', 'yellow', 'red')[n]}" for n in range(PEOPLE)})
    return {name: Style.parse(text) for name, text in words.items()}
