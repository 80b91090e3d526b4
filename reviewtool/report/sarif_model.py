# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The objects of SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format) that the report uses.

Names and meaning are the specification's, written in camelCase there; what is left at its default is left out.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Sarif(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What all of them have in common."""


class Message(Sarif, frozen=True, kw_only=True):
    """A text for people; `markdown` where it has one too (3.11 message, 3.12 multiformatMessageString)."""

    text: str
    markdown: str | None = None


class ArtifactLocation(Sarif, frozen=True, kw_only=True):
    """A file: relative to a base, or an absolute URI (3.4)."""

    uri: str
    uri_base_id: str | None = None


class Content(Sarif, frozen=True, kw_only=True):
    """Text of a file (3.3)."""

    text: str


class Region(Sarif, frozen=True, kw_only=True):
    """Lines of a file, from 1 (3.30). Without columns it means whole lines, without the end of the last one."""

    start_line: int
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    snippet: Content | None = None


class PhysicalLocation(Sarif, frozen=True, kw_only=True):
    """A place in a file (3.29)."""

    artifact_location: ArtifactLocation
    region: Region | None = None


class LogicalLocation(Sarif, frozen=True, kw_only=True):
    """A place as a programmer names it (3.33)."""

    name: str
    kind: str


class Location(Sarif, frozen=True, kw_only=True):
    """A place (3.28)."""

    id: int | None = None
    physical_location: PhysicalLocation | None = None
    logical_locations: tuple[LogicalLocation, ...] = ()
    message: Message | None = None


class ThreadFlowLocation(Sarif, frozen=True, kw_only=True):
    """A step of one context (3.38). `state` has an entry for each lock that is held before it."""

    location: Location
    state: dict[str, Message] = {}
    nesting_level: int | None = None


class ThreadFlow(Sarif, frozen=True, kw_only=True):
    """The steps of one context (3.37)."""

    id: str
    message: Message
    locations: tuple[ThreadFlowLocation, ...]


class CodeFlow(Sarif, frozen=True, kw_only=True):
    """Contexts that run against each other (3.36)."""

    thread_flows: tuple[ThreadFlow, ...]


class Replacement(Sarif, frozen=True, kw_only=True):
    """Lines in place of others (3.57)."""

    deleted_region: Region
    inserted_content: Content | None = None


class ArtifactChange(Sarif, frozen=True, kw_only=True):
    """The change of one file (3.56)."""

    artifact_location: ArtifactLocation
    replacements: tuple[Replacement, ...]


class Fix(Sarif, frozen=True, kw_only=True):
    """A proposed change (3.55)."""

    description: Message
    artifact_changes: tuple[ArtifactChange, ...]


class Result(Sarif, frozen=True, kw_only=True, omit_defaults=False):
    """A finding (3.27)."""

    rule_id: str
    rule_index: int
    level: str
    message: Message
    locations: tuple[Location, ...]
    fingerprints: dict[str, str]
    partial_fingerprints: dict[str, str]
    properties: dict[str, Any]
    code_flows: tuple[CodeFlow, ...] = ()
    related_locations: tuple[Location, ...] = ()
    fixes: tuple[Fix, ...] = ()


class Configuration(Sarif, frozen=True, kw_only=True):
    """How a rule reports when nobody configured it (3.50)."""

    level: str


class ReportingDescriptor(Sarif, frozen=True, kw_only=True):
    """A rule (3.49)."""

    id: str
    short_description: Message
    full_description: Message
    help: Message
    default_configuration: Configuration
    properties: dict[str, Any]


class Driver(Sarif, frozen=True, kw_only=True, omit_defaults=False):
    """The tool (3.19)."""

    name: str
    version: str
    rules: tuple[ReportingDescriptor, ...]


class Tool(Sarif, frozen=True, kw_only=True):
    """What made the run (3.18)."""

    driver: Driver


class Notification(Sarif, frozen=True, kw_only=True):
    """What could not be looked at (3.58)."""

    level: str
    message: Message


class Invocation(Sarif, frozen=True, kw_only=True, omit_defaults=False):
    """One start of the tool (3.20)."""

    execution_successful: bool
    tool_execution_notifications: tuple[Notification, ...]


class BaseUri(Sarif, frozen=True, kw_only=True):
    """What paths are relative to (3.14.14); where that is, the reader knows better."""

    description: Message


class Run(Sarif, frozen=True, kw_only=True, omit_defaults=False):
    """What one start of the tool found (3.14)."""

    tool: Tool
    invocations: tuple[Invocation, ...]
    original_uri_base_ids: dict[str, BaseUri]
    column_kind: str
    language: str
    results: tuple[Result, ...]


class Log(Sarif, frozen=True, kw_only=True, omit_defaults=False):
    """A whole file (3.13)."""

    schema: str = msgspec.field(name="$schema")
    version: str
    runs: tuple[Run, ...]
