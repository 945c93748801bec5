"""A model that does what `params.do` says, well or badly: the tests' partner.

sqlite3 plays the heavy library that the server must never load.
"""

from __future__ import annotations

import ctypes
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bakeoff_server import (
    Context,
    InvalidInput,
    Model,
    ModelError,
    OutOfAcceleratorMemory,
    Output,
    OutputFile,
    Request,
    Transient,
    Usage,
    serve,
)

Act = Callable[[Request, Context], Output]


class Playground(Model):
    def setup(self) -> None:
        if os.path.exists("fail-setup"):
            raise ModelError("weights-broken", "the weights are broken")
        self.generated = 0

    def generate(self, request: Request, context: Context) -> Output:
        self.generated += 1
        acts: dict[str, Act] = {
            name.removeprefix("do_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("do_")
        }
        return acts[request.params["do"]](request, context)

    def health_check(self) -> dict[str, Any]:
        return {"libraries": {"sqlite": sqlite3.sqlite_version}, "pid": os.getpid()}

    def do_value(self, request: Request, context: Context) -> Output:
        with context.stage("encode"):
            return Output(value=float(self.generated), usage=Usage(prompt_tokens=3))

    def do_echo(self, request: Request, context: Context) -> Output:
        sizes = ",".join(str(len(image)) for image in request.images)
        return Output(text=f"{request.text}|{sizes}|{request.seed}")

    def do_usage(self, request: Request, context: Context) -> Output:
        return Output(text="counted", usage=Usage(prompt_tokens=5, completion_tokens=1))

    def do_text(self, request: Request, context: Context) -> Output:
        return Output(text="ä" * request.params["amount"])

    def do_tokens(self, request: Request, context: Context) -> Output:
        for number in range(request.params["amount"]):
            context.progress(number / request.params["amount"])
            context.token(f"w{number} ")
        return Output(text="".join(f"w{number} " for number in range(request.params["amount"])))

    def do_draft(self, request: Request, context: Context) -> Output:
        context.token("a draft")
        return Output(text="the answer")

    def do_flood(self, request: Request, context: Context) -> Output:
        while not context.cancelled:
            context.token("x" * 1_000_000)
        context.check_cancelled()
        return Output(text="never")

    def do_wait(self, request: Request, context: Context) -> Output:
        """Until cancelled, or for `amount` ms."""
        end = time.monotonic() + request.params["amount"] / 1000
        while time.monotonic() < end:
            context.check_cancelled()
            time.sleep(0.005)
        return Output(value=1.0)

    def do_hang(self, request: Request, context: Context) -> Output:
        """Ignores cancel, with a program of its own running; tells both ids first."""
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (context.output_dir / "pids").write_text(f"{os.getpid()} {child.pid}")
        while True:
            time.sleep(1)

    def do_spin(self, request: Request, context: Context) -> Output:
        """Holds the interpreter's lock for `amount` ms: no other thread of the worker runs."""
        ctypes.PyDLL(None).usleep(request.params["amount"] * 1000)
        return Output(value=1.0)

    def do_raise(self, request: Request, context: Context) -> Output:
        raise ValueError("matrix is singular")

    def do_invalid(self, request: Request, context: Context) -> Output:
        raise InvalidInput("too-dark", "the image is black")

    def do_transient(self, request: Request, context: Context) -> Output:
        raise Transient("later", "come back later")

    def do_accelerator(self, request: Request, context: Context) -> Output:
        raise OutOfAcceleratorMemory("cuda-memory", "2 GiB asked, 1 GiB free")

    def do_memory(self, request: Request, context: Context) -> Output:
        return Output(value=float(len(bytearray(1 << 62))))

    def do_no_space(self, request: Request, context: Context) -> Output:
        with open("/dev/full", "w") as file:
            file.write("x" * 10_000)
        return Output(value=1.0)

    def do_signal(self, request: Request, context: Context) -> Output:
        os.kill(os.getpid(), request.params["amount"])
        return Output(value=1.0)

    def do_exit(self, request: Request, context: Context) -> Output:
        os._exit(request.params["amount"])

    def do_sys_exit(self, request: Request, context: Context) -> Output:
        sys.exit(0)

    def do_file(self, request: Request, context: Context) -> Output:
        (context.output_dir / "clip.bin").write_bytes(b"frames")
        return Output(
            files=[
                OutputFile("clip.bin", "video", "video/webm", width=32, height=32, frames=16, fps=8)
            ]
        )

    def do_two_files(self, request: Request, context: Context) -> Output:
        for name in ("a", "b"):
            (context.output_dir / name).write_bytes(b"1")
        return Output(files=[OutputFile(name, "file", "text/plain") for name in ("a", "b")])

    def do_empty_file(self, request: Request, context: Context) -> Output:
        (context.output_dir / "empty").touch()
        return Output(files=[OutputFile("empty", "file", "text/plain")])

    def do_missing_file(self, request: Request, context: Context) -> Output:
        return Output(files=[OutputFile("nothing", "file", "text/plain")])

    def do_linked_file(self, request: Request, context: Context) -> Output:
        (context.output_dir / "link").symlink_to("/etc/hostname")
        return Output(files=[OutputFile("link", "file", "text/plain")])

    def do_linked_folder(self, request: Request, context: Context) -> Output:
        (context.output_dir / "folder").symlink_to("/etc")
        return Output(files=[OutputFile("folder/hostname", "file", "text/plain")])

    def do_outside_file(self, request: Request, context: Context) -> Output:
        (context.output_dir.parent / "outside").write_text("x")
        return Output(files=[OutputFile("../outside", "file", "text/plain")])

    def do_fifo(self, request: Request, context: Context) -> Output:
        os.mkfifo(context.output_dir / "fifo")
        return Output(files=[OutputFile("fifo", "file", "text/plain")])

    def do_nan(self, request: Request, context: Context) -> Output:
        return Output(value=float("nan"))

    def do_nothing(self, request: Request, context: Context) -> Output:
        return Output()

    def do_not_output(self, request: Request, context: Context) -> Output:
        return 7  # type: ignore[return-value]

    def do_surrogate(self, request: Request, context: Context) -> Output:
        return Output(text="\ud800")

    def do_odd_params(self, request: Request, context: Context) -> Output:
        return Output(value=1.0, effective_params={"path": Path("/")})


if __name__ == "__main__":
    serve("adapter:Playground")
