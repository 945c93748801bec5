"""Decodes a sample's clip and hands its frames to the scorers asked for. Loaded by the worker of
adapter.py. The definitions of the metrics live in shapes.py and video.py."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from bakeoff_media.webm import ClipError, read_clip
from bakeoff_server import Evaluator, Sample, Undecodable, Unscored, library_versions

from shapes import READERS, score_shapes
from video import score_video

SIDE_PX = 32  # the thresholds of the shapes task are in pixels of this size
SHAPES_METRICS = (*READERS, "all-correct", "area-stability")
VIDEO_METRICS = ("flicker", "motion-magnitude", "sharpness")

Scores = Mapping[str, float | Unscored]


class VideoEvaluator(Evaluator):
    """The scorers `shapes` and `video`."""

    def health_check(self) -> dict[str, Any]:
        return {"libraries": library_versions("numpy", "av")}

    def evaluate(self, sample: Sample, scorers: Sequence[str]) -> Mapping[str, Scores]:
        frames = decoded_frames(sample)
        scores: dict[str, Scores] = {}
        if "shapes" in scorers:
            scores["shapes"] = shapes_scores(frames, sample.reference)
        if "video" in scorers:
            scores["video"] = video_scores(frames)
        return scores


def decoded_frames(sample: Sample) -> np.ndarray:
    """All frames of the sample's one video; raises Undecodable."""
    videos = [file for file in sample.files if file.kind == "video"]
    if len(videos) != 1:
        raise Undecodable("video-count", f"The answer has {len(videos)} video files; expected one.")
    try:
        return read_clip(videos[0].path)
    except ClipError as error:
        raise Undecodable("video-undecodable", f"Video {videos[0].path.name}: {error}.") from error


def shapes_scores(frames: np.ndarray, reference: Mapping[str, Any] | None) -> Scores:
    """score_shapes, or why this sample cannot have it."""
    missing = [name for name in READERS if not isinstance((reference or {}).get(name), str)]
    height, width = frames.shape[1:3]
    if missing:
        problem = Unscored("reference-missing", f"The item's reference lacks {', '.join(missing)}.")
    elif (height, width) != (SIDE_PX, SIDE_PX):
        seen = f"The clip is {width}x{height} px; the shapes task is {SIDE_PX}x{SIDE_PX}."
        problem = Unscored("frame-size", seen)
    else:
        return score_shapes(frames, dict(reference or {}))
    return dict.fromkeys(SHAPES_METRICS, problem)


def video_scores(frames: np.ndarray) -> Scores:
    """score_video, or why this sample cannot have it."""
    if len(frames) < 2 or min(frames.shape[1:3]) < 3:
        seen = f"The clip has {len(frames)} frames of {frames.shape[2]}x{frames.shape[1]} px"
        problem = Unscored("clip-too-small", f"{seen}; expected 2 frames of 3x3 px or more.")
        return dict.fromkeys(VIDEO_METRICS, problem)
    return score_video(frames)
