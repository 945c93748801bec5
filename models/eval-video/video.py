"""Frame-level diagnostics of any clip: flicker, motion magnitude, sharpness. Called by evaluator.py.

They have no direction: a smear, a frozen or a noise clip reaches the extreme of each of them. Luma is
Rec. 709 on the stored values, in levels of 0..255.
"""

import numpy as np

LUMA = np.array([0.2126, 0.7152, 0.0722])


def luma(frame: np.ndarray) -> np.ndarray:
    """(height, width, 3) uint8 -> (height, width) float64 in 0..255."""
    return frame.astype(np.float64) @ LUMA


def laplacian_variance(plane: np.ndarray) -> float:
    """Variance of the 4-neighbour Laplacian over the inner pixels, in squared levels."""
    inner = 4 * plane[1:-1, 1:-1]
    around = plane[:-2, 1:-1] + plane[2:, 1:-1] + plane[1:-1, :-2] + plane[1:-1, 2:]
    return float((around - inner).var())


def score_video(frames: np.ndarray) -> dict[str, float]:
    """The metrics of the scorer `video` for frames (n, height, width, 3) uint8, n >= 2, sides >= 3.

    flicker: mean over pairs of neighbouring frames of the absolute change of the frame's mean luma;
    motion-magnitude: mean over pairs and pixels of the absolute change of luma; both in levels.
    sharpness: mean over frames of the variance of the Laplacian of luma, in squared levels.
    """
    planes = [luma(frame) for frame in frames]
    pairs = list(zip(planes, planes[1:], strict=False))
    return {
        "flicker": float(np.mean([abs(after.mean() - before.mean()) for before, after in pairs])),
        "motion-magnitude": float(np.mean([np.abs(after - before).mean() for before, after in pairs])),
        "sharpness": float(np.mean([laplacian_variance(plane) for plane in planes])),
    }
