"""Answers that are files: where they land and what the record says of them."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_process import Server


def test_a_file_is_described_relative_to_the_output_folder(native: Server) -> None:
    order = native.order("file")

    record = native.ask("PUT", f"/generate/{native.new_id()}", order).json

    assert record["output"]["files"] == [
        {
            "kind": "video",
            "path": "clip.bin",
            "sha256": hashlib.sha256(b"frames").hexdigest(),
            "bytes": 6,
            "contentType": "video/webm",
            "width": 32,
            "height": 32,
            "frames": 16,
            "fps": 8,
        }
    ]


def test_text_of_64_kib_stays_in_the_record(native: Server) -> None:
    record = native.generate("text", 32 * 1024)

    assert record["output"] == {"text": "ä" * 32 * 1024}


def test_longer_text_becomes_a_file(native: Server) -> None:
    order = native.order("text", 32 * 1024 + 1)

    record = native.ask("PUT", f"/generate/{native.new_id()}", order).json

    (file,) = record["output"]["files"]
    text = Path(order["output"]["dir"], file["path"]).read_text(encoding="utf-8")
    assert "text" not in record["output"]
    assert (file["kind"], file["bytes"]) == ("text", 64 * 1024 + 2)
    assert text == "ä" * (32 * 1024 + 1)


def test_files_without_an_output_folder_are_an_invalid_input(native: Server) -> None:
    record = native.generate("file", output={})

    assert (record["error"]["class"], record["error"]["code"]) == (
        "invalid_input",
        "output-dir-missing",
    )


@pytest.fixture
def shelf() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A small object store on loopback: (its address, what was put there)."""
    stored: dict[str, bytes] = {}

    class Shelf(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            stored[self.path] = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(403 if "expired" in self.path else 200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", stored
        server.shutdown()


def test_a_put_link_receives_the_file(native: Server, shelf: tuple[str, dict[str, bytes]]) -> None:
    address, stored = shelf

    record = native.generate("file", output={"putUrl": f"{address}/clip?signature=secret"})

    assert stored == {"/clip?signature=secret": b"frames"}
    (file,) = record["output"]["files"]
    assert file["url"] == f"{address}/clip"
    assert "path" not in file


def test_a_refused_upload_is_transient_and_keeps_the_link_secret(
    native: Server, shelf: tuple[str, dict[str, bytes]]
) -> None:
    address, _ = shelf

    record = native.generate("file", output={"putUrl": f"{address}/expired?signature=secret"})

    assert (record["error"]["class"], record["error"]["code"]) == ("transient", "upload-refused")
    assert "secret" not in str(record)
    assert "signature=secret" not in native.log.read_text()


def test_a_put_link_takes_one_file_only(
    native: Server, shelf: tuple[str, dict[str, bytes]]
) -> None:
    record = native.generate("two_files", output={"putUrl": f"{shelf[0]}/clip"})

    assert record["error"]["code"] == "too-many-files"
