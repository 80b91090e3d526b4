# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`audit --document`: what was understood of each document and order comment, and what was not; text and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reviewtool.cli.app import run
from reviewtool.report.document_json import documents_schema

DOCUMENT = """\
Locks
=====

- vm->lock is taken outside vm->slots_lock, so MMU notifiers must not take vm->slots_lock.

- vm->lock is a heavy lock of many winters.

- vm->arch.slots_lock is taken outside vm->lock

Everything else is a leaf: no other lock is taken inside the critical sections.

``vm->lock``
^^^^^^^^^^^^

:Type:		mutex
:Protects:	- vm->users

This is broken::

	mutex_lock(&vm->lock);
"""
SOURCE = """\
struct mutex { int unused; };
struct vm { struct vm_arch { int unused; } arch; struct mutex lock; struct mutex slots_lock; int users; };

/*
 * Lock ordering:
 *   vm->lock
 *     vm->slots_lock
 *
 * Nobody knows why vm->lock is held here.
 */
void vm_get(struct vm *vm)
{
	mutex_lock(&vm->lock);
	vm->users++;
	mutex_unlock(&vm->lock);
}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with a document of the KVM subsystem, one of another, and a source with an order comment."""
    for path, text in (
        ("virt/kvm/main.c", SOURCE),
        ("Documentation/virt/kvm/locking.rst", DOCUMENT),
        ("Documentation/locking/locktypes.rst", "Types\n=====\n\na_lock is held by whoever holds it.\n"),
    ):
        place = tmp_path / "tree" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return tmp_path / "tree"


def shown(tree: Path, out: Path, *arguments: str) -> str:
    """What the command writes."""
    assert run(["audit", "--document", "--tree", str(tree), "-o", str(out), "--no-cache", *arguments]) == 0
    return out.read_text(encoding="utf-8")


def test_the_text_has_what_was_understood_and_what_was_not(tree: Path, tmp_path: Path) -> None:
    lines = [line.strip() for line in shown(tree, tmp_path / "out").split("\n")]
    for line in (
        "Documentation/virt/kvm/locking.rst (3 statements, 1 record, 1 sentence not understood)",
        "4  vm->lock outside vm->slots_lock",
        "4  MMU notifiers: vm->slots_lock",
        "8  vm->arch.slots_lock outside vm->lock",
        "10  Everything else is a leaf: no other lock is taken inside the critical sections.",
        "12  vm->lock: type mutex; protects - vm->users",
        "4  vm->lock is vm->lock",
        "8  vm->arch.slots_lock; it may be vm->slots_lock today",
        "6  vm->lock is a heavy lock of many winters.",
        "Documentation/locking/locktypes.rst (0 statements, 0 records, 1 sentence not understood)",
        "Names, not looked up: the code they are about was not read",
        "virt/kvm/main.c:5 (1 statement, 0 records, 1 sentence not understood)",
        "7  vm->lock outside vm->slots_lock",
        "9  Nobody knows why vm->lock is held here.",
    ):
        assert line in lines, line


def test_json_follows_its_schema(tree: Path, tmp_path: Path) -> None:
    found: dict[str, Any] = json.loads(shown(tree, tmp_path / "out", "--format", "json"))
    jsonschema.Draft202012Validator.check_schema(documents_schema())
    jsonschema.Draft202012Validator(documents_schema()).validate(found)
    document, other, comment = found["documents"]
    assert [each["kind"] for each in document["statements"]] == ["order", "forbidden", "order"]
    assert document["statements"][1]["where"] == "MMU notifiers"
    assert document["records"][0]["fields"]["type"] == {"line": 15, "text": "mutex"}
    assert [each["meant"] for each in document["names"] if each["missing"]] == ["vm->slots_lock"]
    assert [each["broken"] for each in document["examples"]] == [True]
    assert (other["looked_up"], comment["comment"], comment["line"]) == (False, True, 5)


def test_a_path_limits_what_is_shown(tree: Path, tmp_path: Path) -> None:
    only = json.loads(shown(tree, tmp_path / "out", "--format", "json", "Documentation/virt/kvm/locking.rst"))
    assert [each["path"] for each in only["documents"]] == ["Documentation/virt/kvm/locking.rst"]
    code = json.loads(shown(tree, tmp_path / "out", "--format", "json", "virt/kvm/main.c"))
    assert [each["path"] for each in code["documents"]] == ["Documentation/virt/kvm/locking.rst", "virt/kvm/main.c"]


@pytest.mark.parametrize("arguments", [("--format", "sarif"), ("--parse-report",)])
def test_what_it_cannot_be_combined_with(tree: Path, arguments: tuple[str, ...]) -> None:
    assert run(["audit", "--document", "--tree", str(tree), *arguments]) == 2


def test_a_subsystem_of_ones_own_needs_a_file_only(tree: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "own.toml").write_text(
        '[subsystem.hub]\npaths = ["drivers/hub/"]\ndocuments = ["Documentation/hub/locks.rst"]\n', encoding="utf-8"
    )
    code = (
        "struct mutex { int unused; };\nstruct hub { struct mutex lock; struct mutex port_lock; };\n"
        "void hub_wrong(struct hub *hub)\n{\n\tmutex_lock(&hub->port_lock);\n\tmutex_lock(&hub->lock);\n"
        "\tmutex_unlock(&hub->lock);\n\tmutex_unlock(&hub->port_lock);\n}\n"
    )
    for path, text in (
        ("drivers/hub/hub.c", code),
        ("Documentation/hub/locks.rst", "hub->lock nests outside hub->port_lock.\n"),
    ):
        place = tree / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    arguments = ["--tree", str(tree), "--no-cache", "--format", "json", "-o", str(tmp_path / "out"), "drivers/hub"]
    assert run(["audit", "--document", "--rules", str(rules), *arguments]) == 0
    documents = json.loads((tmp_path / "out").read_text(encoding="utf-8"))["documents"]
    assert [(each["path"], len(each["statements"])) for each in documents] == [("Documentation/hub/locks.rst", 1)]
    assert run(["audit", "--rules", str(rules), *arguments]) == 1
    (review,) = json.loads((tmp_path / "out").read_text(encoding="utf-8"))["reviews"]
    assert [each["rule"] for each in review["findings"]] == ["doc-order-contradicted"]
