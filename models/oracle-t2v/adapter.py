"""The entry point of oracle-t2v: `python -m adapter`. Imports nothing of the model: that is the worker's part."""

from bakeoff_server import serve

if __name__ == "__main__":
    serve("oracle:Oracle")
