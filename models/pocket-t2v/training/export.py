"""Writes the averaged weights of a checkpoint as ONNX (fp32): `python export.py --checkpoint P --out P`.

Run by hand after train.py. Compares onnxruntime's output with torch's and prints the file's size and
SHA-256 for model.yaml.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from network import FRAMES, SIDE_PX, WORDS, Denoiser


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    state = torch.load(options.checkpoint, weights_only=True)
    network = Denoiser().eval()
    network.load_state_dict(state["average"])
    torch.manual_seed(0)
    inputs = (torch.randn(2, 3, FRAMES, SIDE_PX, SIDE_PX), torch.tensor([1.0, 0.3]), torch.eye(WORDS)[:2])
    options.out.parent.mkdir(parents=True, exist_ok=True)
    names = ["noisy", "time", "bag"]
    torch.onnx.export(
        network,
        inputs,
        str(options.out),
        input_names=names,
        output_names=["clean"],
        dynamic_axes={name: {0: "batch"} for name in [*names, "clean"]},
        opset_version=17,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(str(options.out), providers=["CPUExecutionProvider"])
    for batch in (2, 1):
        part = [value[:batch] for value in inputs]
        with torch.no_grad():
            wanted = network(*part).numpy()
        got = session.run(None, {name: value.numpy() for name, value in zip(names, part, strict=True)})[0]
        print(f"batch {batch}: largest difference from torch {np.abs(got - wanted).max():.2e}")
    content = options.out.read_bytes()
    print(f"step {state['step']}, {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
