"""The entry point of pocket-t2v: `python -m adapter`. Imports nothing of the model: that is the worker's part."""

from bakeoff_server import serve

if __name__ == "__main__":
    serve("pocket:Pocket")
