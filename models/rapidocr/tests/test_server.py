"""The package as a driver meets it: the manifest's command as a process, over loopback.

Run like test_engine.py; the SDK is taken from the repository.
"""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

PACKAGE = Path(__file__).parent.parent
LINE = (Path(__file__).parent / "line.png").read_bytes()
LINE_TEXT = "The quiet harbour, 14 March 2019"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{PACKAGE}{os.pathsep}{PACKAGE.parent / '_server' / 'src'}",
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BAKEOFF_INSTANCE": "token-1",
        "BAKEOFF_INPUTS": str(folder),
        "BAKEOFF_OUTPUTS": str(folder),
        "BAKEOFF_CPUS": "1",
    }
    server = subprocess.Popen([sys.executable, "-m", "adapter"], cwd=PACKAGE, env=environment)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            wait_until_ready(client, server)
            yield client
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    finally:
        server.kill()
        server.wait()


def wait_until_ready(client: httpx.Client, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    raise AssertionError(f"the server ended with {server.returncode} before it was ready")


def ask(client: httpx.Client, **more: object) -> httpx.Response:
    url = f"data:image/png;base64,{base64.b64encode(LINE).decode()}"
    content = [{"type": "text", "text": "Transcribe."}, {"type": "image_url", "image_url": {"url": url}}]
    body = {"model": "rapidocr", "messages": [{"role": "user", "content": content}], "seed": 7, **more}
    return client.post("/v1/chat/completions", json=body)


def test_says_what_it_is(client: httpx.Client) -> None:
    response = client.get("/health")

    assert response.headers["x-bakeoff-instance"] == "token-1"
    assert response.json()["model"] == "rapidocr"
    assert response.json()["libraries"]["rapidocr-onnxruntime"] == "1.4.4"


def test_reads_the_text_of_a_line(client: httpx.Client) -> None:
    assert ask(client).json()["choices"][0]["message"]["content"] == LINE_TEXT


def test_params_of_the_manifest_reach_the_engine(client: httpx.Client) -> None:
    assert ask(client, scale=0.15).json()["choices"][0]["message"]["content"] != LINE_TEXT


def test_a_param_that_the_manifest_does_not_have_is_refused(client: httpx.Client) -> None:
    assert ask(client, psm=7).status_code == 400
