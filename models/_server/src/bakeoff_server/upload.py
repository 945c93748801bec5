"""Sends output files to `output.putUrl`, for servers that share no file system with their driver.

Runs in the worker. The link may be signed: it reaches neither a log nor an error nor the record.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from .errors import ModelError, Transient


def upload_files(packaged: dict[str, Any], folder: Path, put_url: str) -> None:
    """PUTs the one output file and replaces its `path` by the `url` without its query."""
    files = packaged.get("files", [])
    if len(files) > 1:
        raise ModelError(
            "too-many-files", f"The model wrote {len(files)} files; output.putUrl can take 1."
        )
    for file in files:
        _put(folder / file["path"], file, put_url)
        del file["path"]
        file["url"] = urlunsplit(urlsplit(put_url)._replace(query="", fragment=""))


def _put(path: Path, file: dict[str, Any], put_url: str) -> None:
    headers = {"content-type": file["contentType"], "content-length": str(file["bytes"])}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with path.open("rb") as body:
        request = urllib.request.Request(put_url, data=body, headers=headers, method="PUT")
        try:
            opener.open(request).close()
        except urllib.error.HTTPError as error:
            raise Transient("upload-refused", f"output.putUrl answered {error.code}.") from None
        except (urllib.error.URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            raise Transient("upload-failed", f"output.putUrl is not reachable: {reason}.") from None
