# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What can be done, and with which keys: one table for the dispatcher, the footer, the help and the palette.

A key is a printable character, or a name: `space`, `comma`, `enter`, `escape`, `tab`, `pagedown`, `ctrl+d` ... Two keys
with a blank between them are pressed one after the other (`g g`). Keys follow b4's review screen, mutt and tig.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

ALL = "review rule source thread graph drafts replay document help"
_LISTS = ALL


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done."""

    id: str
    """Its name in the configuration."""
    keys: str
    """The usual keys, separated by commas."""
    text: str
    group: str
    screens: str = "review"
    """Where it can be done, separated by blanks."""
    footer: str = ""
    """Its word in the footer; "" keeps it out."""


ACTIONS = (
    Action("down", "j, down", "Next line", "Move", _LISTS),
    Action("up", "k, up", "Previous line", "Move", _LISTS),
    Action("page-down", "space, ctrl+f, pagedown", "Next page", "Move", _LISTS),
    Action("page-up", "backspace, ctrl+b, pageup", "Previous page", "Move", _LISTS),
    Action("half-down", "ctrl+d", "Half a page down", "Move", _LISTS),
    Action("half-up", "ctrl+u", "Half a page up", "Move", _LISTS),
    Action("top", "g g, home, ^", "First line", "Move", _LISTS),
    Action("bottom", "G, end, $", "Last line", "Move", _LISTS),
    Action("left", "left", "Scroll to the left", "Move", _LISTS),
    Action("right", "right", "Scroll to the right", "Move", _LISTS),
    Action("next-pane", "tab", "Next pane", "Move", footer="pane"),
    Action("previous-pane", "shift+tab", "Previous pane", "Move"),
    Action("choose", "enter", "Open or go to what the line is about", "Move", _LISTS),
    Action("back", "<, ctrl+o", "Back to where you were", "Move"),
    Action("next-patch", "], J", "Next patch", "Patches", footer="patch"),
    Action("previous-patch", "[, K", "Previous patch", "Patches"),
    Action("next-note", ".", "Next finding or comment", "Patches", footer="finding"),
    Action("previous-note", "comma", "Previous finding or comment", "Patches"),
    Action("next-hunk", "}, @", "Next hunk", "Patches"),
    Action("previous-hunk", "{", "Previous hunk", "Patches"),
    Action("fold", "z a", "Fold or unfold the hunk or note", "Show"),
    Action("fold-file", "z A", "Fold or unfold the file", "Show"),
    Action("fold-all", "z M", "Fold everything", "Show"),
    Action("unfold-all", "z R", "Unfold everything", "Show"),
    Action("more-context", "+", "More lines of the tree around the hunk", "Show"),
    Action("less-context", "-", "Fewer lines of the tree around the hunk", "Show"),
    Action("maximise", "O", "The pane alone, or all panes", "Show"),
    Action("wider", "ctrl+right", "A wider patch list", "Show"),
    Action("narrower", "ctrl+left", "A narrower patch list", "Show"),
    Action("taller", "ctrl+up", "A larger inspector", "Show"),
    Action("shorter", "ctrl+down", "A smaller inspector", "Show"),
    Action("done", "d", "Mark the patch done", "Decide", footer="done"),
    Action("skip", "x", "Mark the patch skipped", "Decide"),
    Action("agree", "a a", "Agree with the finding", "Decide"),
    Action("disagree", "a d", "Disagree with the finding", "Decide"),
    Action("later", "a l", "Decide about the finding later", "Decide"),
    Action("comment", "r", "Write a comment on the line", "Decide", footer="comment"),
    Action("search", "/", "Search in the mail", "Find", footer="search"),
    Action("next-match", "n", "Next match", "Find"),
    Action("previous-match", "N", "Previous match", "Find"),
    Action("limit", "l", "Limit the list of patches", "Find"),
    Action("go-to", ":", "Go to a patch by its number", "Find"),
    Action("rule", "R", "The page of the finding's rule", "Screens"),
    Action("thread", "t", "All mails of the thread", "Screens"),
    Action("graph", "o", "The order graph", "Screens"),
    Action("document", "D", "The locking document: what is stale or missing", "Screens"),
    Action("replay", "p", "The finding step by step, a column for each context", "Screens"),
    Action("drafts", "e", "The drafts of replies", "Screens", footer="drafts"),
    Action("edit", "e", "Edit the draft in $EDITOR", "Drafts", "drafts", footer="edit"),
    Action("include", "i", "Leave the finding out of the draft, or take it in", "Drafts", "drafts", footer="include"),
    Action("discard", "u", "Forget what was edited, and make the draft anew", "Drafts", "drafts"),
    Action("write", "ctrl+y", "Write the drafts as files and say how to send them", "Drafts", "drafts", footer="write"),
    Action("step-forward", "l", "Next step", "Steps", "replay", footer="step"),
    Action("step-back", "h", "Previous step", "Steps", "replay"),
    Action("next-lock", "L", "Next step that takes a lock", "Steps", "replay", footer="lock"),
    Action("previous-lock", "H", "Previous step that takes a lock", "Steps", "replay"),
    Action("first-step", "0", "Back to the beginning", "Steps", "replay"),
    Action("last-step", "e", "To the end", "Steps", "replay"),
    Action("play", "p", "Play the steps, or stop", "Steps", "replay", footer="play"),
    Action("faster", "+", "Play faster", "Steps", "replay"),
    Action("slower", "-", "Play slower", "Steps", "replay"),
    Action("other-side", "b", "The snapshot beside it: before or after the patch", "Steps", "replay", footer="side"),
    Action("copy", "y", "Copy the line or the finding", "Other", _LISTS),
    Action("cancel", "ctrl+x", "Stop the analysis", "Other"),
    Action("theme", "T", "The next theme", "Other", ALL),
    Action("palette", "ctrl+p", "Find a command", "Other", ALL),
    Action("help", "?, f1", "Help and keys", "Other", ALL, footer="help"),
    Action("close", "q, escape", "Close this view", "Other", "rule source thread graph drafts replay document help",
           footer="back"),
    Action("hint-quit", "q", "Say how to quit", "Other"),
    Action("quit", "Q, ctrl+q", "Quit", "Other", ALL, footer="quit"),
)  # fmt: skip


class KeymapError(Exception):
    """Keys of the configuration cannot be used; one line."""


class Keymap:
    """Keys and what they do, the user's in place of the usual ones.

    Raises KeymapError for the name of an action that there is none of.
    """

    def __init__(self, changes: Mapping[str, str] | None = None, actions: Iterable[Action] = ACTIONS) -> None:
        self.actions = {action.id: action for action in actions if action.screens}
        for name in changes or {}:
            if name not in self.actions:
                near = get_close_matches(name, self.actions, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise KeymapError(f"[keys]: there is no action {name}{hint}")
        self._keys = {
            name: tuple(_sequences((changes or {}).get(name, action.keys))) for name, action in self.actions.items()
        }
        self._found: dict[tuple[str, tuple[str, ...]], str] = {}
        self.clashes: list[str] = []
        for name, action in self.actions.items():
            for screen in action.screens.split():
                self._enter(screen, name)

    def _enter(self, screen: str, name: str) -> None:
        for sequence in self._keys[name]:
            other = self._found.setdefault((screen, sequence), name)
            if other != name:
                self.clashes.append(f"{shown(sequence)} is both {other} and {name}; {other} wins")

    def keys(self, name: str) -> tuple[tuple[str, ...], ...]:
        """The sequences of an action."""
        return self._keys[name]

    def label(self, name: str) -> str:
        """The keys of an action for people, the first one first."""
        return " ".join(shown(sequence) for sequence in self._keys[name])

    def find(self, screen: str, sequence: tuple[str, ...]) -> str:
        """The action of a whole sequence; "" if it has none."""
        return self._found.get((screen, sequence), "")

    def continues(self, screen: str, sequence: tuple[str, ...]) -> dict[str, str]:
        """What may follow a beginning, and the action of each."""
        size = len(sequence)
        return {
            keys[size]: name
            for (where, keys), name in self._found.items()
            if where == screen and len(keys) > size and keys[:size] == sequence
        }

    def on(self, screen: str) -> tuple[Action, ...]:
        """What can be done on a screen."""
        return tuple(action for action in self.actions.values() if screen in action.screens.split())


def _sequences(keys: str) -> Iterable[tuple[str, ...]]:
    for part in keys.split(","):
        if part.split():
            yield tuple(part.split())


def key_name(key: str, character: str | None) -> str:
    """A key as the table calls it, from Textual's name and the character it types."""
    if character == ",":
        return "comma"
    if character is not None and character.isprintable() and not character.isspace():
        return character
    return key


_SHOWN = {
    "comma": ",", "space": "Space", "enter": "Enter", "escape": "Esc", "tab": "Tab", "backspace": "BS",
    "pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End", "down": "↓", "up": "↑", "left": "←",
    "right": "→", "f1": "F1",
}  # fmt: skip


def shown(sequence: tuple[str, ...]) -> str:
    """A sequence for people."""
    return "".join(_SHOWN.get(key, key.replace("ctrl+", "^").replace("shift+", "⇧")) for key in sequence)
