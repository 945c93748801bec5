"""RapidOCR as a Bakeoff model: one image in, its text out.

Started as `python -m adapter`; the SDK serves the class over openai-chat and runs it in a worker process.
"""

from __future__ import annotations

import os
from typing import Any

from bakeoff_server import Context, InvalidInput, Model, Output, Request, library_versions, serve_openai_chat


class RapidOcr(Model):
    """PP-OCRv4 through the rapidocr-onnxruntime package, whose wheel holds the weights."""

    def setup(self) -> None:
        import cv2
        from rapidocr_onnxruntime import RapidOCR

        cores = int(os.environ.get("BAKEOFF_CPUS", "1"))
        cv2.setNumThreads(cores)
        # Detection: the package's default enlarges the short side to 736 px, a hundredfold of a line's pixels.
        self.engine = RapidOCR(
            intra_op_num_threads=cores, inter_op_num_threads=1, det_limit_side_len=960, det_limit_type="max"
        )

    def generate(self, request: Request, context: Context) -> Output:
        from line_image import decode, resize

        images = request.images
        if len(images) != 1:
            raise InvalidInput("image-count", f"The request holds {len(images)} images; expected exactly one.")
        with context.stage("decode"):
            image = resize(decode(images[0]), request.params["scale"])
        context.check_cancelled()
        with context.stage("recognise"):
            text = self._read(image, detect=request.params["detect"])
        return Output(text=text)

    def _read(self, image: Any, detect: bool) -> str:
        """The text in reading order. With detection a result is [box, text, confidence], else [text, confidence]."""
        results, _times = self.engine(image, use_det=detect, use_cls=False)
        position = 1 if detect else 0
        return " ".join(result[position] for result in results or []).strip()

    def health_check(self) -> dict[str, Any]:
        return {"libraries": library_versions("rapidocr-onnxruntime", "onnxruntime", "opencv-python-headless")}


if __name__ == "__main__":
    serve_openai_chat("adapter:RapidOcr")
