"""Reads the attributes of a moving-shape clip off its decoded frames, by classical image processing.

Called by the adapter. It knows the vocabulary of the shapes task (below) but nothing of models or of
the renderer. Everything is numpy on (frames, height, width, 3) uint8.

A reading is credited only to a *video of one object*: the background must be even, exactly one object
must be found in every frame, and its centroid must travel. So a blank, a noise and a frozen clip score
0 on every metric.
"""

from dataclasses import dataclass

import numpy as np

from objects import largest_component

BACKGROUND_LEVELS = {"black": 0.06, "gray": 0.50, "white": 0.94}
COLOR_HUES_DEGREES = {"red": 0.0, "yellow": 54.0, "green": 124.0, "blue": 231.0}
# Area of the object divided by the area of the box spanned by its longest row and longest column.
SHAPE_FILLS = {"triangle": 0.56, "circle": 0.79, "square": 1.0}
SIZE_AREAS_PX = {"small": 63.6, "large": 145.3}
MOTION_DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}

MIN_CONTRAST = 0.25  # RGB distance (0..sqrt 3) between the object's colour and the background
BACKGROUND_TOLERANCE = 0.12  # largest channel error against the nearest level
BACKGROUND_UNEVENNESS = 0.08  # largest mean deviation of the border from its median
HUE_TOLERANCE_DEGREES = 25.0
MIN_SATURATION = 0.35
FILL_TOLERANCE = 0.10
AREA_FACTOR = 1.45  # accepted area: nominal divided by this .. times this
MIN_TRAVEL_PX = 5.0  # first to last frame, along the straight fit
MAX_DRIFT_FACTOR = 0.5  # travel across the main axis, relative to the travel along it
MIN_MAIN_PART = 0.9  # share of the foreground that belongs to the largest component


@dataclass(frozen=True)
class Track:
    """One object followed through the clip. Lengths in pixels, colours in 0..1."""

    background: np.ndarray  # (3,)
    color: np.ndarray  # (3,)
    areas: np.ndarray  # (frames,)
    fills: np.ndarray  # (frames,)
    travel: np.ndarray  # (2,) x, y, first to last frame, by a least-squares line


def track_object(frames: np.ndarray) -> Track | None:
    """The object of a clip, or None when there is no even background with one moving object on it."""
    clip = frames.astype(np.float64) / 255
    border = np.concatenate([clip[:, 0], clip[:, -1], clip[:, :, 0], clip[:, :, -1]], axis=1).reshape(-1, 3)
    background = np.median(border, axis=0)
    if np.abs(border - background).mean() > BACKGROUND_UNEVENNESS:
        return None
    offset = clip - background
    contrast = np.linalg.norm(offset, axis=-1)
    strongest = np.quantile(contrast, 0.98)
    if strongest < MIN_CONTRAST:
        return None
    color_offset = np.median(offset[contrast > 0.8 * strongest], axis=0)
    cover = np.clip(offset @ color_offset / (color_offset @ color_offset), 0, 1)
    cover[cover < 0.1] = 0
    areas, fills, centroids = [], [], []
    for frame in cover:
        part = largest_component(frame > 0.4)
        if part.sum() < 4 or part.sum() < MIN_MAIN_PART * (frame > 0.4).sum():
            return None
        area, fill, centroid = measure(frame * grow(part))
        areas.append(area)
        fills.append(fill)
        centroids.append(centroid)
    path = np.array(centroids)
    steps = np.arange(len(path)) - (len(path) - 1) / 2
    travel = (len(path) - 1) * (steps @ path) / (steps @ steps) if len(path) > 1 else np.zeros(2)
    if np.abs(travel).max() < MIN_TRAVEL_PX:
        return None
    return Track(background, background + color_offset, np.array(areas), np.array(fills), travel)


def grow(mask: np.ndarray) -> np.ndarray:
    """The mask and its four neighbours: takes in the antialiased rim."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    grown[:, 1:] |= mask[:, :-1]
    grown[:, :-1] |= mask[:, 1:]
    return grown


def measure(cover: np.ndarray) -> tuple[float, float, tuple[float, float]]:
    """Area, fill and centroid (x, y) of one object from its coverage (height, width) in 0..1.

    The box is spanned by the longest row and column sums, which follow the antialiased rim below one
    pixel.
    """
    area = cover.sum()
    fill = area / (cover.sum(axis=1).max() * cover.sum(axis=0).max())
    y, x = np.indices(cover.shape)
    return area, fill, ((cover * x).sum() / area, (cover * y).sum() / area)


def nearest(value: float, table: dict[str, float], tolerance: float) -> str | None:
    """The name whose number is nearest, or None beyond the tolerance."""
    name = min(table, key=lambda key: abs(table[key] - value))
    return name if abs(table[name] - value) <= tolerance else None


def read_background(track: Track) -> str | None:
    """By level, where the background is even."""
    level = float(track.background.mean())
    even = np.abs(track.background - level).max() <= BACKGROUND_TOLERANCE
    return nearest(level, BACKGROUND_LEVELS, BACKGROUND_TOLERANCE) if even else None


def read_color(track: Track) -> str | None:
    """By hue (HSV), when saturated enough."""
    red, green, blue = np.clip(track.color, 0, 1)
    high, low = max(red, green, blue), min(red, green, blue)
    if high <= 0 or (high - low) / high < MIN_SATURATION:
        return None
    hue = np.degrees(np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue)) % 360
    distance = {name: abs((hue - wanted + 180) % 360 - 180) for name, wanted in COLOR_HUES_DEGREES.items()}
    return nearest(0.0, distance, HUE_TOLERANCE_DEGREES)


def read_shape(track: Track) -> str | None:
    """By the part of its bounding box that an object fills: median over the frames."""
    return nearest(float(np.median(track.fills)), SHAPE_FILLS, FILL_TOLERANCE)


def read_size(track: Track) -> str | None:
    """By area (px), as a ratio: median over the frames."""
    logs = {name: np.log(area) for name, area in SIZE_AREAS_PX.items()}
    return nearest(float(np.log(np.median(track.areas))), logs, float(np.log(AREA_FACTOR)))


def read_motion(track: Track) -> str | None:
    """By the axis and sign of the travel over the clip; none where it drifts across that axis."""
    along = int(np.argmax(np.abs(track.travel)))
    if abs(track.travel[1 - along]) > MAX_DRIFT_FACTOR * abs(track.travel[along]):
        return None
    sign = int(np.sign(track.travel[along]))
    return next(name for name, direction in MOTION_DIRECTIONS.items() if direction[along] == sign)


def area_stability(track: Track) -> float:
    """1 minus the coefficient of variation of the object's area over the frames, at least 0."""
    return float(max(0.0, 1 - track.areas.std() / track.areas.mean()))


READERS = {
    "shape": read_shape,
    "color": read_color,
    "size": read_size,
    "motion": read_motion,
    "background": read_background,
}


def score_shapes(frames: np.ndarray, reference: dict[str, str]) -> dict[str, float]:
    """The metrics of the scorer `shapes` for one clip against the attributes of its prompt.

    area-stability counts only when the motion is the prompted one, else 0.
    """
    track = track_object(frames)
    read = {name: reader(track) if track else None for name, reader in READERS.items()}
    scores = {name: float(value == reference[name]) for name, value in read.items()}
    scores["all-correct"] = float(all(scores.values()))
    scores["area-stability"] = area_stability(track) if track and scores["motion"] else 0.0
    return scores
