"""Decodes and resizes the image of a request. Called by adapter.py; knows nothing of the engine."""

from __future__ import annotations

import io
import warnings

import cv2
import numpy as np
from bakeoff_server import InvalidInput
from PIL import Image, UnidentifiedImageError

MAX_PIXELS = 4_000_000
# The engine shrinks the long side to 2000 px and fails when the short one then vanishes.
MAX_ASPECT = 50


def decode(data: bytes) -> np.ndarray:
    """The image as height x width x 3 bytes in BGR order; raises InvalidInput.

    The size is read from the header before anything is decoded, so that a small file cannot become a large bitmap.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
        if image.width * image.height > MAX_PIXELS:
            raise too_large(image.width, image.height)
        if max(image.size) > MAX_ASPECT * min(image.size):
            raise InvalidInput("image-shape", f"The image is {image.width} x {image.height}; expected at most {MAX_ASPECT} to 1.")
        rgb = np.asarray(image.convert("RGB"))
    except UnidentifiedImageError as error:
        raise InvalidInput("image-format", "The image is neither a PNG nor a JPEG.") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise InvalidInput("image-too-large", f"{error}; expected at most {MAX_PIXELS} pixels.") from error
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for broken files
        raise InvalidInput("image-undecodable", f"The image does not decode: {error}") from error
    return rgb[:, :, ::-1].copy()


def resize(image: np.ndarray, scale: float) -> np.ndarray:
    """The image with both sides multiplied by scale (at least one pixel); by area when shrinking, cubic when enlarging."""
    if scale == 1:
        return image
    width, height = (max(1, round(side * scale)) for side in (image.shape[1], image.shape[0]))
    if width * height > MAX_PIXELS:
        raise too_large(width, height)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def too_large(width: int, height: int) -> InvalidInput:
    return InvalidInput("image-too-large", f"The image has {width} x {height} pixels; expected at most {MAX_PIXELS} in all.")
