# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""Fetching: from a small server that answers as public-inbox does, and from the real one where it is installed."""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from reviewtool.mail import lore
from reviewtool.mail.errors import MailError
from reviewtool.mail.source import read_thread


class Server:
    """An archive at /kvm/ that has one thread; `asked` are the paths that it was asked for."""

    def __init__(self, mbox: bytes, ids: list[str]) -> None:
        self.asked: list[str] = []
        self.status = 0
        self.answer = gzip.compress(mbox)
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                parts = [urllib.parse.unquote(part) for part in self.path.strip("/").split("/")]
                found = len(parts) == 3 and parts[0] == "kvm" and parts[1] in ids and parts[2] == "t.mbox.gz"
                self.send_response(server.status or (200 if found else 404))
                body = server.answer if found and not server.status else b""
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_HEAD(self) -> None:
                server.asked.append(self.path)
                name = urllib.parse.unquote(self.path.strip("/"))
                self.send_response(302 if name in ids else 200 if name.startswith("kvm/") else 404)
                self.send_header("Location", f"/kvm/{urllib.parse.quote(name)}/")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def server(mails: Any) -> Iterator[Server]:
    found = Server(mails.mbox(*mails.series()), ["c1@x", "p12@x", "c2@x"])
    yield found
    found.http.shutdown()
    found.http.server_close()


def set_git(name: str, value: str) -> None:
    subprocess.run(["git", "config", "--global", "--add", name, value], check=True)


def test_by_message_id_from_a_private_archive(server: Server) -> None:
    set_git("b4.midmask", f"{server.origin}/kvm/%s")
    for source in ("c1@x", "id:p12@x", "<c2@x>"):
        assert [series.revision for series in read_thread(source).series] == [1, 2]
    assert server.asked[0] == "/kvm/c1%40x/t.mbox.gz"


def test_a_url_goes_to_its_own_host(server: Server) -> None:
    set_git("b4.midmask", "http://127.0.0.1:9/elsewhere/%s")
    for tail in ("kvm/p12@x/", "kvm/p12@x/T/#u", "kvm/p12%40x/raw", "r/p12@x/", "p12@x"):
        assert read_thread(f"{server.origin}/{tail}").newest().revision == 2


def test_settings_of_liblore_hold(server: Server) -> None:
    set_git("liblore.http://127.0.0.1:9.fallback", server.origin)
    assert read_thread("http://127.0.0.1:9/kvm/c1@x/").newest().revision == 2


def test_settings_of_a_repository_do_not(server: Server, make_repository: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make_repository({".b4-config": f"[b4]\n\tmidmask = {server.origin}/evil/%s\n"})
    repository.git("config", "b4.midmask", f"{server.origin}/evil/%s")
    set_git("b4.midmask", f"{server.origin}/kvm/%s")
    monkeypatch.chdir(repository.path)
    read_thread("c1@x")
    assert server.asked == ["/kvm/c1%40x/t.mbox.gz"]


def test_fetched_threads_are_kept_where_the_caller_says(server: Server, tmp_path: Path, isolated_home: Path) -> None:
    for _ in range(2):
        read_thread(f"{server.origin}/kvm/c1@x/", cache_dir=tmp_path / "kept")
    assert len(server.asked) == 1
    assert not list(isolated_home.rglob("b4"))


def test_a_server_that_does_not_have_it_or_fails(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MailError, match=r"nobody@x: not found at .*check the message-id"):
        read_thread(f"{server.origin}/kvm/nobody@x/")
    server.status = 503
    with pytest.raises(MailError, match="HTTP status 503"):
        read_thread(f"{server.origin}/kvm/c1@x/")
    server.status, server.answer = 0, b"no gzip"
    with pytest.raises(MailError, match="could not be read"):
        read_thread(f"{server.origin}/kvm/c1@x/")
    with pytest.raises(MailError, match=r"cannot be reached .*b4\.midmask"):
        read_thread("http://127.0.0.1:9/kvm/c1@x/")
    set_git("b4.midmask", "nonsense")
    with pytest.raises(MailError, match=r"b4\.midmask is no URL"):
        read_thread("c1@x")
    assert capfd.readouterr() == ("", "")


def test_a_bomb_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lore, "MAX_SOURCE_BYTES", 1 << 20)
    server.answer = gzip.compress(bytes(64 << 20))
    with pytest.raises(MailError, match="unpacked, is larger than 1 MiB"):
        read_thread(f"{server.origin}/kvm/c1@x/")


@pytest.mark.public_inbox
@pytest.mark.slow
def test_the_real_server(mails: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (shutil.which("public-inbox-httpd") and shutil.which("public-inbox-init")):
        if os.environ.get("REVIEWTOOL_REQUIRE"):
            pytest.fail("public-inbox is not installed")
        pytest.skip("public-inbox is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    settings = tmp_path / "pi"
    settings.mkdir()
    monkeypatch.setenv("PI_DIR", str(settings))
    monkeypatch.setenv("PI_CONFIG", str(settings / "config"))
    inbox = tmp_path / "kvm"
    run = ["public-inbox-init", "-V2", "-j1", "kvm", str(inbox), f"{address}/kvm", "kvm@example.org"]
    subprocess.run(run, check=True, capture_output=True)
    (tmp_path / "thread.mbox").write_bytes(mails.mbox(*mails.series()))
    perl = (
        "my $w=PublicInbox::InboxWritable->new(PublicInbox::Config->new->lookup_name('kvm'));"
        "open my $fh,'<',$ARGV[0] or die; $w->import_mbox($fh,'mboxrd')"
    )
    modules = ["-MPublicInbox::InboxWritable", "-MPublicInbox::Config"]
    subprocess.run(["perl", *modules, "-e", perl, str(tmp_path / "thread.mbox")], check=True, capture_output=True)
    subprocess.run(["public-inbox-index", str(inbox)], check=True, capture_output=True)
    httpd = subprocess.Popen(
        ["public-inbox-httpd", "-l", address, "-W0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}/kvm/_/text/help/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        set_git("b4.midmask", f"{address}/kvm/%s")
        threads = [read_thread("c1@x"), read_thread(f"{address}/kvm/p12@x/"), read_thread(f"{inbox}#r1@x")]
    finally:
        httpd.terminate()
        httpd.wait(10)
    (tmp_path / "plain.mbox").write_bytes(mails.mbox(*mails.series()))
    expected = read_thread(str(tmp_path / "plain.mbox"))
    for thread in threads:
        assert thread.series == expected.series
