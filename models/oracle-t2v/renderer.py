"""Renders scenes as clips with signed distance functions, antialiased, in numpy.

Called by the oracle's adapter (one clip) and by the training script (batches). A scene leaves a "take"
open (lane, phase, speed, exact radius); the take is drawn from a generator that the caller seeds.
"""

from dataclasses import dataclass

import numpy as np

from world import BACKGROUNDS, COLORS, FRAMES, MOTIONS, SIDE_PX, SIZES_RADIUS_PX, Scene

LANE_PX = 5.0  # the path runs up to this far beside the centre of the image
PHASE_PX = 0.5  # and is shifted along itself by up to this
TRAVEL_PX = (10.0, 12.0)  # distance between the first and the last frame
RADIUS_JITTER = 0.04

# Half-widths of a square and of an equilateral triangle with the area of a disc of radius 1.
SQUARE_HALF = np.sqrt(np.pi) / 2
TRIANGLE_HALF = np.sqrt(np.pi / np.sqrt(3))


@dataclass(frozen=True)
class Take:
    """What a prompt leaves open. Lengths in pixels."""

    lane_px: float
    phase_px: float
    travel_px: float
    radius_factor: float


def draw_take(generator: np.random.Generator) -> Take:
    """One uniformly drawn take."""
    lane, phase, travel, radius = generator.random(4)
    return Take(
        lane_px=(2 * lane - 1) * LANE_PX,
        phase_px=(2 * phase - 1) * PHASE_PX,
        travel_px=TRAVEL_PX[0] + travel * (TRAVEL_PX[1] - TRAVEL_PX[0]),
        radius_factor=1 + (2 * radius - 1) * RADIUS_JITTER,
    )


def centre_path(scene: Scene, take: Take) -> np.ndarray:
    """Centre (x, y) of the object's bounding box per frame: (FRAMES, 2), pixels, y downwards."""
    direction = np.array(MOTIONS[scene.motion])
    across = np.array([direction[1], direction[0]])
    along_px = np.linspace(-0.5, 0.5, FRAMES) * take.travel_px + take.phase_px
    return SIDE_PX / 2 + along_px[:, None] * direction + take.lane_px * across


def signed_distance(shape: str, x: np.ndarray, y: np.ndarray, radius_px: float) -> np.ndarray:
    """Distance in pixels to the outline, negative inside; the box of the shape is centred at 0."""
    if shape == "circle":
        return np.hypot(x, y) - radius_px
    if shape == "square":
        return np.maximum(np.abs(x), np.abs(y)) - SQUARE_HALF * radius_px
    half = TRIANGLE_HALF * radius_px  # half the base; the height is sqrt(3) times that
    height = np.sqrt(3) * half
    side = (np.abs(x) * np.sqrt(3) - (y + height / 2)) / 2
    return np.maximum(side, y - height / 2)


def render(scene: Scene, take: Take) -> np.ndarray:
    """The clip: (FRAMES, SIDE_PX, SIDE_PX, 3) float32 in 0..1."""
    pixel = np.arange(SIDE_PX) + 0.5
    path = centre_path(scene, take)
    x = pixel[None, None, :] - path[:, 0, None, None]
    y = pixel[None, :, None] - path[:, 1, None, None]
    radius_px = SIZES_RADIUS_PX[scene.size] * take.radius_factor
    distance = signed_distance(scene.shape, x, y, radius_px)
    coverage = np.clip(0.5 - distance, 0, 1)[..., None]
    color = np.array(COLORS[scene.color])
    return (BACKGROUNDS[scene.background] * (1 - coverage) + color * coverage).astype(np.float32)


def to_bytes(clip: np.ndarray) -> np.ndarray:
    """A clip in 0..1 as uint8 RGB, rounded."""
    return np.round(np.clip(clip, 0, 1) * 255).astype(np.uint8)
