# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Which files are read, and in which worlds."""

from __future__ import annotations

import pytest

from reviewtool.locking.scope import find_scope, in_scope, matches
from reviewtool.locking.worlds import concerned, worlds_of
from tests.locking.linking import Files, rules

TREE = dict.fromkeys(
    [
        "virt/kvm/main.c", "virt/kvm/main.h", "virt/kvm/Makefile", "arch/one/kvm/a.c", "arch/two/kvm/mmu/b.c",
        "arch/one/include/asm/kvm_host.h", "arch/one/mm/fault.c", "include/linux/kvm_host.h", "include/linux/list.h",
        "fs/first/inode.c", "fs/second/inode.c", "crypto/odd/odd.c", "crypto/odd/odd.h", "crypto/other.c",
        "crypto/far.c",
    ],
    "",
)  # fmt: skip
TREE["crypto/odd/odd.c"] = "int odd_shown(int a)\n{\n\treturn a;\n}\n"
TREE["crypto/other.c"] = "int other(void)\n{\n\treturn odd_shown(1);\n}\n"


def test_a_file_of_a_subsystem_brings_all_of_it_in_all_worlds() -> None:
    scope = find_scope(Files(TREE), rules(), ["arch/one/kvm/a.c"])
    assert set(scope.files) == {
        "virt/kvm/main.c", "virt/kvm/main.h", "arch/one/kvm/a.c", "arch/two/kvm/mmu/b.c",
        "arch/one/include/asm/kvm_host.h", "include/linux/kvm_host.h",
    }  # fmt: skip
    assert scope.worlds == ("one", "two")
    assert "Documentation/virt/kvm/locking.rst" in scope.documents


def test_a_directory_of_a_subsystem_does_too() -> None:
    assert find_scope(Files(TREE), rules(), ["arch/one/kvm"]) == find_scope(Files(TREE), rules(), ["arch/one/kvm/"])
    assert find_scope(Files(TREE), rules(), ["arch/one/kvm"]).subsystems == ("kvm",)


def test_stars_at_the_end_stand_for_the_directory_of_the_file() -> None:
    assert "fs/first/inode.c" in find_scope(Files(TREE), rules(), ["fs/first/inode.c"]).files
    assert "fs/second/inode.c" not in find_scope(Files(TREE), rules(), ["fs/first/inode.c"]).files


def test_a_file_of_no_subsystem_brings_its_directory_and_its_users() -> None:
    scope = find_scope(Files(TREE), rules(), ["crypto/odd/odd.c"])
    assert scope.files == ("crypto/odd/odd.c", "crypto/odd/odd.h", "crypto/other.c")
    assert scope.worlds == ("",)


def test_what_is_not_c_brings_nothing() -> None:
    assert find_scope(Files(TREE), rules(), ["Makefile.txt"]).files == ()


def test_a_new_file_belongs_where_its_neighbours_do() -> None:
    scope = find_scope(Files(TREE), rules(), ["virt/kvm/main.c"])
    assert in_scope("arch/one/kvm/new.c", scope)
    assert not in_scope("arch/one/kvm/new.S", scope)
    assert not in_scope("include/linux/other.h", scope)


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        ("virt/", "virt/kvm/a.c", True),
        ("arch/*/kvm/", "arch/x86/kvm/vmx/vmx.c", True),
        ("arch/*/kvm/", "arch/x86/y/kvm/vmx.c", False),
        ("include/linux/kvm*.h", "include/linux/kvm_host.h", True),
        ("include/linux/kvm*.h", "include/linux/x/kvm_host.h", False),
        ("fs/*", "fs/namei.c", True),
        ("fs/*", "fs/ext4/namei.c", False),
    ],
)
def test_patterns(pattern: str, path: str, wanted: bool) -> None:
    assert matches(pattern, path) is wanted


def test_worlds_are_the_architectures_with_code() -> None:
    assert worlds_of(["virt/a.c", "arch/b/kvm/x.c", "arch/a/kvm/x.c", "arch/c/include/x.h"]) == ("a", "b")
    assert worlds_of(["virt/a.c"]) == ("",)


def test_a_change_of_one_architecture_concerns_its_world_alone() -> None:
    assert concerned(["arch/a/kvm/x.c"], ("a", "b")) == ("a",)
    assert concerned(["arch/a/kvm/x.c", "virt/kvm/x.c"], ("a", "b")) == ("a", "b")
