"""Writes and reads short clips as WebM with lossless VP9 in RGB (4:4:4, no colour conversion).

Called by the packages whose answers are clips and by the evaluator that decodes them; those packages
lock `av` and `numpy` themselves. Must not know models or HTTP. Same frames, same bytes.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

CONTENT_TYPE = "video/webm"
CODEC = "libvpx-vp9"
# Planar RGB: VP9 profile 1 codes the three planes as they are, so lossless means equal bytes.
PIXEL_FORMAT = "gbrp"
CODEC_OPTIONS = {"lossless": "1", "deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "threads": "1"}
CONTAINER_OPTIONS = {"fflags": "+bitexact"}  # no random identifiers, no library version in the file
MAX_DECODED_BYTES = 256 * 1024 * 1024


class ClipError(Exception):
    """The file is not a clip that decodes completely; the message says what was seen."""


def write_clip(path: Path, frames: np.ndarray, fps: int) -> None:
    """Writes frames, uint8 RGB of shape (frames, height, width, 3), at a constant rate."""
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or len(frames) == 0:
        raise ValueError(f"frames are {frames.dtype} {frames.shape}; expected uint8 (n, height, width, 3)")
    with av.open(str(path), "w", format="webm", options=CONTAINER_OPTIONS) as container:
        stream = container.add_stream(CODEC, rate=Fraction(fps), options=CODEC_OPTIONS)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = PIXEL_FORMAT
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


def read_clip(path: Path) -> np.ndarray:
    """All frames of a video file, uint8 RGB of shape (frames, height, width, 3).

    Raises ClipError when the file is no video, is cut short, changes its size, or decodes to more
    than MAX_DECODED_BYTES. A file whose container announces more than it holds is cut short.
    """
    try:
        with av.open(str(path), "r") as container:
            stream = next(iter(container.streams.video), None)
            if stream is None or stream.codec_context is None:
                raise ClipError("the file has no video stream that can be decoded")
            if stream.codec_context.width * stream.codec_context.height * 3 > MAX_DECODED_BYTES:
                raise ClipError(f"one frame decodes to more than {MAX_DECODED_BYTES} bytes")
            announced_s = container.duration / av.time_base if container.duration else None
            frame_s = 1 / float(stream.average_rate) if stream.average_rate else None
            frames, last_s = _decode(container, stream)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise ClipError(f"the file does not decode: {error}") from error
    if not frames:
        raise ClipError("the file has no frame that decodes")
    if announced_s is not None and frame_s is not None and last_s + 1.5 * frame_s < announced_s:
        raise ClipError(f"the file announces {announced_s:.3f} s, and its last frame starts at {last_s:.3f} s")
    return np.stack(frames)


def _decode(container: av.container.InputContainer, stream: av.VideoStream) -> tuple[list[np.ndarray], float]:
    """The frames in order, and when the last one starts, in seconds."""
    frames: list[np.ndarray] = []
    last_s = 0.0
    for frame in container.decode(stream):
        if frame.is_corrupt:
            raise ClipError(f"frame {len(frames)} is corrupt")
        pixels = frame.to_ndarray(format="rgb24")
        if frames and pixels.shape != frames[0].shape:
            raise ClipError(f"frame {len(frames)} is {pixels.shape}, the first one {frames[0].shape}")
        frames.append(pixels)
        last_s = float(frame.time or 0)
        if len(frames) * pixels.nbytes > MAX_DECODED_BYTES:
            raise ClipError(f"the frames decode to more than {MAX_DECODED_BYTES} bytes")
    return frames, last_s
