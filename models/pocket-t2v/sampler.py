"""The sampling loop of pocket-t2v: from seeded noise to a clip, in numpy.

Called by pocket.py, and by training/measure.py. The denoiser is passed in as a
function, so that this module knows nothing of onnxruntime.
"""

from collections.abc import Callable

import numpy as np

CLIP_SHAPE = (3, 8, 32, 32)  # channels, frames, height, width
TIME_SHIFT = 4.0  # 2 to 6 made no difference on the dev scenes

# (noisy clips, times, bags of words) -> predicted clean clips, all float32 with a leading batch axis
Denoise = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def time_grid(steps: int, shift: float) -> np.ndarray:
    """steps + 1 times from 1 down to 0, float64; a shift above 1 places more of them near 1."""
    even = 1 - np.arange(steps + 1) / steps
    return shift * even / (1 + (shift - 1) * even)


def initial_noise(seed: int) -> np.ndarray:
    """Standard normal noise of one clip from numpy's Philox generator, float32, batch of one."""
    generator = np.random.Generator(np.random.Philox(seed))
    return generator.standard_normal((1, *CLIP_SHAPE), dtype=np.float32)


def sample(
    denoise: Denoise,
    bag: np.ndarray,
    *,
    seed: int,
    steps: int,
    guidance: float,
    shift: float = TIME_SHIFT,
    on_step: Callable[[int], None] = lambda done: None,
) -> np.ndarray:
    """One clip as uint8 (frames, height, width, 3).

    Euler steps of the rectified flow x_t = (1 - t) clean + t noise, whose velocity is
    (x_t - clean) / t. Guidance g takes clean = without + g (with - without), where the two
    predictions, with the text and without it, are one batch of two; g = 1 needs only the first.
    """
    x = initial_noise(seed)
    grid = time_grid(steps, shift)
    guided = guidance != 1.0
    bags = np.stack([bag, np.zeros_like(bag)]) if guided else bag[None]
    for index in range(steps):
        now, then = grid[index], grid[index + 1]
        times = np.full(len(bags), now, dtype=np.float32)
        predicted = denoise(np.repeat(x, len(bags), axis=0), times, bags)
        clean = predicted[:1]
        if guided:
            clean = predicted[1:] + np.float32(guidance) * (clean - predicted[1:])
        clean = np.clip(clean, -1, 1)
        keep = np.float32(then / now)
        x = keep * x + (1 - keep) * clean
        on_step(index + 1)
    return to_frames(x[0])


def to_frames(clip: np.ndarray) -> np.ndarray:
    """(3, frames, height, width) in -1..1 -> (frames, height, width, 3) uint8."""
    return np.round((np.clip(clip, -1, 1) + 1) * 127.5).astype(np.uint8).transpose(1, 2, 3, 0)
