"""The Python SDK of the Bakeoff container contract v1: write a Model, get a server.

Importing it costs the standard library alone: model code imports it in the worker.
"""

from .author import (
    Context,
    Input,
    InputFile,
    Model,
    Output,
    OutputFile,
    Request,
    Usage,
    library_versions,
)
from .entry import serve, serve_evaluator, serve_openai_chat
from .errors import (
    Cancelled,
    Infrastructure,
    InvalidInput,
    ModelError,
    OutOfAcceleratorMemory,
    Transient,
    Undecodable,
)
from .evaluator import Evaluator, Sample, SampleFile, State, StateFile, Unscored

__all__ = [
    "Cancelled",
    "Context",
    "Evaluator",
    "Infrastructure",
    "Input",
    "InputFile",
    "InvalidInput",
    "Model",
    "ModelError",
    "OutOfAcceleratorMemory",
    "Output",
    "OutputFile",
    "Request",
    "Sample",
    "SampleFile",
    "State",
    "StateFile",
    "Transient",
    "Undecodable",
    "Unscored",
    "Usage",
    "library_versions",
    "serve",
    "serve_evaluator",
    "serve_openai_chat",
]
