"""Trains the denoiser of pocket-t2v from scratch: `python train.py --steps N`.

Run by hand, on a CPU; resumes from its last checkpoint with the same arguments. A step's data and
noise depend on the seed and the step alone. export.py turns the result into the shipped weights.
"""

import argparse
import json
import math
import time
from pathlib import Path

import torch

from clips import dev_batch, training_batch
from muon import Muon
from network import Denoiser

EMA_DECAY = 0.999
WARMUP_STEPS = 200
CHECKPOINT_EVERY = 250


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--optimizer", choices=["adamw", "muon"], default="muon")
    parser.add_argument("--rate", type=float, default=1e-3, help="peak learning rate of AdamW")
    parser.add_argument("--muon-rate", type=float, default=0.02, help="peak learning rate of Muon")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folder", type=Path, required=True, help="checkpoints and the log go here")
    return parser.parse_args()


def rate_factor(step: int, steps: int) -> float:
    """Linear warm-up, constant for the first half, then a cosine down to 1 % at the last step."""
    warm = min(1.0, (step + 1) / WARMUP_STEPS)
    late = max(0.0, (step / steps - 0.5) / 0.5)
    return warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * late)))


def loss_of(network: torch.nn.Module, batch: dict) -> torch.Tensor:
    """Rectified flow with a network that predicts the clean clip: squared error, weighted by
    1/max(t, 0.5)^2."""
    clean, noise, t, bag = (torch.from_numpy(batch[name]) for name in ("clean", "noise", "t", "bag"))
    place = t[:, None, None, None, None]
    noisy = (1 - place) * clean + place * noise
    with torch.autocast("cpu", dtype=torch.bfloat16):
        predicted = network(noisy, t, bag)
    error = (predicted.float() - clean).square().mean((1, 2, 3, 4))
    return (error / t.clamp(min=0.5).square()).mean()


def build_optimizers(network: torch.nn.Module, options: argparse.Namespace) -> list[torch.optim.Optimizer]:
    """Muon for the hidden matrices and convolutions, AdamW for everything else (or for all)."""
    hidden, others = [], []
    for name, parameter in network.named_parameters():
        inner = parameter.ndim >= 2 and not name.startswith(("condition", "enter", "leave")) and "place" not in name
        (hidden if inner and options.optimizer == "muon" else others).append(parameter)
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(others, lr=options.rate, betas=(0.9, 0.99), weight_decay=0.01)
    ]
    if hidden:
        optimizers.append(Muon(hidden, lr=options.muon_rate))
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return optimizers


def update_average(average: dict, network: torch.nn.Module, step: int) -> None:
    decay = min(EMA_DECAY, (1 + step) / (10 + step))
    for name, value in network.state_dict().items():
        average[name].lerp_(value, 1 - decay)


def save(path: Path, **state: object) -> None:
    """Writes aside and renames, so that a kill leaves the previous checkpoint."""
    aside = path.with_suffix(".part")
    torch.save(state, aside)
    aside.replace(path)


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    network = Denoiser()
    optimizers = build_optimizers(network, options)
    average = {name: value.clone() for name, value in network.state_dict().items()}
    options.folder.mkdir(parents=True, exist_ok=True)
    checkpoint = options.folder / "checkpoint.pt"
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        first, average = state["step"], state["average"]
        network.load_state_dict(state["network"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
    log = (options.folder / "log.jsonl").open("a", buffering=1)
    started, running = time.monotonic(), 0.0
    for step in range(first, options.steps):
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * rate_factor(step, options.steps)
        loss = loss_of(network, training_batch(options.seed, step, options.batch))
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        update_average(average, network, step)
        running += loss.item()
        done = step + 1
        if done % 50 == 0:
            entry = {"step": done, "loss": running / 50, "seconds": round(time.monotonic() - started, 1)}
            running = 0.0
            if done % CHECKPOINT_EVERY == 0 or done == options.steps:
                with torch.no_grad():
                    entry["devLoss"] = loss_of(network, dev_batch(64)).item()
                save(
                    checkpoint,
                    step=done,
                    network=network.state_dict(),
                    average=average,
                    optimizers=[optimizer.state_dict() for optimizer in optimizers],
                )
            log.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
