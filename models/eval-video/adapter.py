"""The entry point of eval-video: `python -m adapter`. Imports nothing of the model: that is the worker's part."""

from bakeoff_server import serve_evaluator

if __name__ == "__main__":
    serve_evaluator("evaluator:VideoEvaluator")
