"""The only reader of the environment: what a started server is told by its driver.

Called by the entry point and by nothing else; all problems are reported at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

DEFAULT_PORT = 8000

# Limits of the server itself. They bound memory, they are not tuning knobs.
NATIVE_BODY_LIMIT_BYTES = 8 * 1024 * 1024
CHAT_BODY_LIMIT_BYTES = 32 * 1024 * 1024
EVALUATE_BODY_LIMIT_BYTES = 64 * 1024 * 1024
INLINE_TEXT_LIMIT_BYTES = 64 * 1024
STREAMED_TEXT_LIMIT_BYTES = 16 * 1024 * 1024
QUEUE_LIMIT = 1024
QUEUE_LIMIT_BYTES = 256 * 1024 * 1024
REMEMBERED_GENERATIONS = 4096
REMEMBERED_BYTES = 64 * 1024 * 1024
CANCEL_GRACE_S = 5.0
DRAIN_LIMIT_S = 5.0


class SettingsError(Exception):
    """The environment cannot be used; the message lists every problem."""


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    instance: str | None
    outputs: Path | None
    inputs: Path | None
    cpus: int | None
    package: Path


def _whole_number(env: Mapping[str, str], name: str, low: int, high: int) -> int | None:
    text = env.get(name, "")
    if text == "":
        return None
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ValueError(f"{name} is {text!r}; expected a whole number from {low} to {high}.")
    return int(text)


def _folder(env: Mapping[str, str], name: str) -> Path | None:
    text = env.get(name, "")
    if text == "":
        return None
    if not Path(text).is_absolute() or not Path(text).is_dir():
        raise ValueError(f"{name} is {text!r}; expected the absolute path of an existing folder.")
    return Path(text).resolve()


T = TypeVar("T")


def load_settings(package: Path, env: Mapping[str, str] = os.environ) -> Settings:
    """Reads PORT, HOST and BAKEOFF_*; raises SettingsError with all problems, one per line."""
    problems: list[str] = []

    def read(reader: Callable[[], T | None]) -> T | None:
        try:
            return reader()
        except ValueError as error:
            problems.append(str(error))
            return None

    port = read(lambda: _whole_number(env, "PORT", 0, 65535))
    settings = Settings(
        host=env.get("HOST") or "127.0.0.1",
        port=DEFAULT_PORT if port is None else port,
        instance=env.get("BAKEOFF_INSTANCE") or None,
        outputs=read(lambda: _folder(env, "BAKEOFF_OUTPUTS")),
        inputs=read(lambda: _folder(env, "BAKEOFF_INPUTS")),
        cpus=read(lambda: _whole_number(env, "BAKEOFF_CPUS", 1, 4096)),
        package=package,
    )
    if problems:
        raise SettingsError("\n".join(problems))
    return settings
