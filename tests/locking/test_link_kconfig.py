# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""What Kconfig decides: which symbols are known in a world, and what code is left of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from reviewtool.locking.kconfig import Configuration, Setting, read_settings
from reviewtool.locking.kconfig_file import Entry, parse
from reviewtool.locking.lockmodel import LockModel
from reviewtool.ruleset.model import ValueWords
from tests.locking.linking import Files, function, linked

SHARED = """
config KVM_PUSH
       bool

config KVM_PULL
       bool
       select KVM_PULL_MORE

config KVM_PULL_MORE
       bool

config KVM_NOBODY
       bool

config KVM_ASKED
       bool "ask"

config KVM_EVENT
       bool
       select EVENTS
"""
ONE = """
source "virt/kvm/Kconfig"

config KVM
	tristate "machines"
	depends on FOO
	select KVM_PULL
	select KVM_EVENT
	select KVM_PUSH if PM
	select KVM_ASKED
	help
		select KVM_NOBODY

		config KVM_HELP

config KVM_LATER
	bool
"""
TWO = """
source "virt/kvm/Kconfig"
menuconfig KVM
	bool "machines"
	select KVM_PUSH
"""
FILES = {
    "virt/kvm/Kconfig": SHARED,
    "virt/kvm/a.c": "",
    "virt/lib/Kconfig": "config LIB\n\ttristate\n",
    "virt/lib/l.c": "",
    "arch/one/kvm/Kconfig": ONE,
    "arch/one/kvm/k.c": "",
    "arch/two/kvm/Kconfig": TWO + "\tselect LIB\n",
    "arch/two/kvm/k.c": "",
}


WORDS = ValueWords(
    configures=frozenset({"CONFIG_"}), tests_enabled=frozenset({"ENABLED"}), tests_built_in=frozenset({"BUILT_IN"})
)


def settings(files: Mapping[str, str], world: str) -> dict[str, str]:
    found = read_settings(Files(files), files, ["one", "two"], ["KVM", "KVM_ONE"])
    return {name: setting.value for name, setting in found[world].items()}


def test_a_file_is_understood_as_far_as_it_has_to_be() -> None:
    file = parse(ONE.encode())
    assert file.sources == ("virt/kvm/Kconfig",)
    assert file.entries == (
        Entry(
            name="KVM",
            kind="tristate",
            settable=True,
            selects=("KVM_PULL", "KVM_EVENT", "KVM_ASKED"),
            perhaps=("KVM_PUSH",),
        ),
        Entry(name="KVM_LATER", kind="bool"),
    )
    assert parse(b"config A # c\n\tdef_bool y\n\tselect B \\\n\t\tif C\nendif\n\tselect D\n").entries == (
        Entry(name="A", kind="bool", settable=True, perhaps=("B",)),
    )
    assert parse(b"config\n\xff\nhelp\n").entries == ()


def test_what_the_menu_symbol_selects_is_on() -> None:
    assert settings(FILES, "one") == {
        "KVM": "y or m",
        "KVM_PULL": "y",
        "KVM_PULL_MORE": "y",
        "KVM_EVENT": "y",
        "EVENTS": "y or m",
        "KVM_ASKED": "y",
    }


def test_what_only_others_select_is_off_if_it_cannot_be_chosen() -> None:
    assert settings(FILES, "two") == {
        "KVM": "y",
        "KVM_PUSH": "y",
        "LIB": "y or m",
        "KVM_PULL": "n",
        "KVM_PULL_MORE": "n",
        "KVM_EVENT": "n",
    }


def test_a_file_that_is_not_shared_says_nothing_of_other_worlds() -> None:
    assert "LIB" not in settings(FILES, "one")


def test_a_tree_without_architectures_says_nothing() -> None:
    files = {"virt/kvm/Kconfig": SHARED, "virt/kvm/a.c": ""}
    assert read_settings(Files(files), files, [""], ["KVM"]) == {}


@pytest.mark.parametrize(
    ("setting", "defined", "enabled", "built_in"),
    [
        (Setting.OFF, False, False, False),
        (Setting.BUILT_IN, True, True, True),
        (Setting.ON, None, True, None),
        (None, None, None, None),
    ],
)
def test_what_c_is_told(
    setting: Setting | None, defined: bool | None, enabled: bool | None, built_in: bool | None
) -> None:
    known = Configuration(words=WORDS, settings={"X": setting} if setting else {})
    assert known.defined("CONFIG_X") is defined
    assert known.tested("ENABLED", "CONFIG_X") is enabled
    assert known.tested("BUILT_IN", "CONFIG_X") is built_in
    assert known.tested("other", "CONFIG_X") is None
    assert known.defined("X") is None


CODE = """
struct box {
	struct mutex lock;
};
#ifdef CONFIG_KVM_PULL
static void pull(struct box *b)
{
	mutex_lock(&b->lock);
}
#else
static void pull(struct box *b)
{
}
#endif
struct mutex left, right;
void by_call(void)
{
	if (IS_ENABLED(CONFIG_KVM_PULL))
		mutex_lock(&left);
	if (!IS_ENABLED(CONFIG_KVM_PULL) && IS_ENABLED(CONFIG_KVM_PUSH))
		mutex_lock(&right);
}
void by_directive(void)
{
#ifdef CONFIG_KVM_PULL
	mutex_lock(&left);
#else
	mutex_lock(&right);
#endif
}
void by_alternative(struct box *b)
{
	pull(b);
}
"""


@pytest.mark.parametrize(
    ("world", "name", "held"),
    [
        ("one", "by_call", {"left"}),
        ("two", "by_call", {"right"}),
        ("one", "by_directive", {"left"}),
        ("two", "by_directive", {"right"}),
        ("one", "by_alternative", {"struct box.lock"}),
        ("two", "by_alternative", set()),
    ],
)
def test_code_that_is_configured_away_does_nothing(world: str, name: str, held: set[str]) -> None:
    program = linked({**FILES, "virt/kvm/a.c": CODE}, world)
    summary = LockModel.build(world, program).summary(function(program, name).id)
    assert {lock.cls.name for outcome in summary.outcomes for lock in outcome.held} == held
