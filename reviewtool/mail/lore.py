# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The only place that uses b4 and liblore: threads from a server, subjects and trailers.

Both are imported when first used (200 ms). b4's configuration is never set up, for it would read `.b4-config` of the
work tree one stands in; what the user set is read here, from the user's own git configuration only. LoreMailbox and
get_series() are not used: they keep one patch per revision and counter whoever sent it, shift the others on a
collision, and start a process for each patch.
"""

from __future__ import annotations

import contextlib
import logging
import re
import urllib.parse
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewtool.mail.errors import MailError
from reviewtool.mail.gitread import user_settings
from reviewtool.mail.limits import MAX_SOURCE_BYTES, MAX_TRAILER_TEXT, check_size
from reviewtool.mail.model import Trailer

if TYPE_CHECKING:
    from b4 import LoreSubject
    from liblore import LoreNode
    from requests import Response

_DEFAULT_MASK = "https://lore.kernel.org/all/%s"
_URL = re.compile(r"(https?://[^/\s]+(?:/[^/\s@%]+)*?)/([^/\s]+(?:@|%40)[^/\s]+)", re.IGNORECASE)
_LIKELY = re.compile(r"\s{0,8}\w[\w-]{1,40}: +\S")
_NOT_TRAILERS = frozenset(
    {"from", "author", "cc", "to", "date", "subject", "subscribe", "unsubscribe", "base-commit", "change-id"}
)


def split_subject(subject: str) -> LoreSubject:
    """b4's reading of a subject without `Re:`."""
    import b4

    return b4.LoreSubject(subject)


def find_trailers(text: str, *, reply: bool) -> tuple[Trailer, ...]:
    """The trailers in a text: the last paragraph of a changelog, or what a reply says outside its quotes.

    In a reply only those that name a person or a known kind of reference count, as b4 has it.
    """
    import b4

    if reply:
        text = _likely_trailers(text)
    found, _others = b4.LoreMessage.find_trailers(text[:MAX_TRAILER_TEXT], followup=reply)
    return tuple(
        Trailer(key=trailer.name, value=trailer.value + (trailer.extinfo or ""))
        for trailer in found
        if not (reply and trailer.lname in _NOT_TRAILERS)
    )


def _likely_trailers(text: str) -> str:
    """The lines of a long text that may be trailers, each with the one below, which may continue it."""
    lines = text.split("\n")
    kept = {place for index, line in enumerate(lines) if _LIKELY.match(line) for place in (index, index + 1)}
    return "\n".join(lines[index] for index in sorted(kept) if index < len(lines))


def is_url(source: str) -> bool:
    """Whether a SOURCE names a server."""
    return source.lower().startswith(("http://", "https://"))


def split_url(url: str) -> tuple[str, str]:
    """(address of the archive, message-id) of a URL as public-inbox and patchwork show it.

    The address is "" where the URL is not one of an archive, so that the user's own is to be asked. Raises MailError
    for a URL without a message-id.
    """
    match = _URL.match(url)
    if not match:
        raise MailError(
            f"{url}: no message-id in this URL; give the address of one mail, https://SERVER/LIST/MESSAGE-ID/"
        )
    base, message_id = match[1], urllib.parse.unquote(match[2])
    if "/project/" in base:
        return "", message_id
    origin = "/".join(base.split("/")[:3])
    return (base if base not in (origin, f"{origin}/r") else f"{origin}/all"), message_id


def fetch_thread(message_id: str, base: str = "", cache_dir: Path | None = None) -> bytes:
    """The mbox of the thread that a mail is in, as the server has it.

    `base` is the address of a public-inbox archive; "" is the one of the user's `b4.midmask`, else lore.kernel.org.
    Settings under `[liblore "ORIGIN"]` (for lore.kernel.org also `[lore]`) of the user's git configuration hold.
    Raises MailError when the server cannot be reached or does not have it.
    """
    import liblore

    base = base or _configured_base()
    try:
        with _open_node(base, cache_dir) as node, _quiet():
            return node.get_mbox_by_msgid(message_id)
    except liblore.RemoteError as error:
        raise MailError(_explain(base, message_id, error.status_code, str(error))) from error
    except (liblore.LibloreError, LookupError, ValueError) as error:
        raise MailError(f"{message_id}: {base} did not give the thread: {error}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise MailError(f"{message_id}: the answer of {base} could not be read ({error}); try again") from error


def _explain(base: str, message_id: str, status: int | None, text: str) -> str:
    if status == 404:
        return f"{message_id}: not found at {base}; check the message-id, or give the URL of the list that has it"
    if status is not None:
        return f"{message_id}: {base} answered with HTTP status {status}; try again later or give another server's URL"
    cause = "it took too long" if "timed out" in text.lower() else "no connection"
    return f"{message_id}: {base} cannot be reached ({cause}); check the network or b4.midmask, or give an mbox"


def _configured_base() -> str:
    mask = (user_settings("b4.midmask") or [_DEFAULT_MASK])[-1]
    if not is_url(mask):
        raise MailError(f"b4.midmask is no URL: {mask}; set it like {_DEFAULT_MASK}")
    base = mask.replace("/%s", "").rstrip("/")
    return base if urllib.parse.urlsplit(base).path.strip("/") else f"{base}/all"


def _open_node(base: str, cache_dir: Path | None) -> LoreNode:
    """A node with the user's settings and bounded answers."""
    import requests
    from liblore import LoreNode

    from reviewtool import __version__

    address = urllib.parse.urlsplit(base)
    origin = f"{address.scheme}://{address.netloc}"
    options = _node_options(f"liblore.{origin}.")
    if not options and address.netloc == "lore.kernel.org":
        options = _node_options("lore.")
    plus = options.pop("plus", "")
    node = LoreNode(base, cache_dir=str(cache_dir) if cache_dir else None, **options)
    session = requests.Session()
    session.headers["User-Agent"] = f"reviewtool/{__version__}" + (f"+{plus}" if plus else "")
    session.hooks["response"].append(_bound_answer)
    node.set_requests_session(session)
    return node


def _node_options(prefix: str) -> dict[str, Any]:
    """Liblore's settings in a section of the user's git configuration, as arguments of LoreNode."""

    def last(name: str) -> str:
        return (user_settings(prefix + name) or [""])[-1].strip()

    options: dict[str, Any] = {}
    for name, argument in (("fallback", "fallback_urls"), ("allowupstream", "allowed_upstreams")):
        if values := user_settings(prefix + name):
            options[argument] = values
    for name, argument in (("autoprobe", "auto_probe"), ("followupstream", "follow_upstream")):
        if value := last(name):
            options[argument] = value.lower() in ("true", "yes", "on", "1")
    with contextlib.suppress(ValueError):
        if value := last("requesttimeout"):
            connect, _, read = value.partition(",")
            options["request_timeout"] = (float(connect), float(read or connect))
    with contextlib.suppress(ValueError):
        if value := last("probetimeout"):
            options["probe_timeout"] = float(value)
    if value := last("useragentplus"):
        options["plus"] = value
    return options


def _bound_answer(response: Response, *_args: Any, **_options: Any) -> Response:
    """Read an answer, refusing one that is too large, packed or unpacked: liblore unpacks without a bound."""
    chunks, size, unpacked = [], 0, 0
    unpacker = zlib.decompressobj(wbits=31)
    packed = response.url.endswith(".gz")
    for chunk in response.iter_content(1 << 16):
        chunks.append(chunk)
        size += len(chunk)
        check_size(size, MAX_SOURCE_BYTES, f"the answer of {response.url}")
        data = chunk if packed else b""
        while data and not unpacker.eof:
            unpacked += len(unpacker.decompress(data, 1 << 20))
            check_size(unpacked, MAX_SOURCE_BYTES, f"the answer of {response.url}, unpacked,")
            data = unpacker.unconsumed_tail
    response._content = b"".join(chunks)
    return response


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep liblore's warnings off stderr: what went wrong is said by the exception."""
    logger = logging.getLogger("liblore")
    handler, propagate = logging.NullHandler(), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = propagate
        logger.removeHandler(handler)
