"""Writes tiny wheels into the folder argv[1], two versions of one library, and prints {file name: SHA-256}."""

import base64
import hashlib
import json
import os
import sys
import zipfile


def write_wheel(folder: str, version: str) -> tuple[str, str]:
    info = f"widget-{version}.dist-info"
    files = {
        "widget/__init__.py": f'VERSION = "{version}"\n',
        "widget/__main__.py": "from . import VERSION\n\nprint(VERSION)\n",
        "widget/data/big.txt": "big\n" * 1000,
        "widget/data/small.txt": "small\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: widget\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digest = {name: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode() for name, text in files.items()}
    record = "".join(f"{name},sha256={digest[name]},{len(text)}\n" for name, text in files.items())
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    path = os.path.join(folder, f"widget-{version}-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), text)
    with open(path, "rb") as file:
        return version, hashlib.sha256(file.read()).hexdigest()


print(json.dumps(dict(write_wheel(sys.argv[1], version) for version in ["1.0.0", "2.0.0"])))
