"""Servers that the tests share: one per protocol, started once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from server_process import Server, running_server

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def native(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    scratch = tmp_path_factory.mktemp("native")
    command = ["bakeoff_server", "adapter:Playground"]
    with running_server(HERE / "playground", scratch, command) as server:
        yield server


@pytest.fixture(scope="session")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    scratch = tmp_path_factory.mktemp("chat")
    command = ["bakeoff_server", "adapter:Playground", "--protocol", "openai-chat"]
    with running_server(HERE / "playground", scratch, command) as server:
        yield server


@pytest.fixture(scope="session")
def scales(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    scratch = tmp_path_factory.mktemp("scales")
    with running_server(HERE / "scales", scratch, ["bakeoff_server", "adapter:Scales"]) as server:
        yield server
