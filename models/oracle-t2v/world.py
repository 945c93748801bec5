"""The closed world of the shapes task: its vocabulary, its prompts and its physical sizes.

Imported by the renderer, the split definition, the training script and the suite generator. It knows
nothing of models, of scoring or of files.
"""

import itertools
from dataclasses import dataclass

FRAMES = 8
SIDE_PX = 32
FPS = 8

SHAPES = ("circle", "square", "triangle")
COLORS = {
    "red": (0.86, 0.14, 0.14),
    "green": (0.12, 0.66, 0.18),
    "blue": (0.14, 0.26, 0.90),
    "yellow": (0.94, 0.84, 0.10),
}
# Radius of the disc of equal area: every shape of one size covers the same number of pixels.
SIZES_RADIUS_PX = {"small": 4.5, "large": 6.8}
MOTIONS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}
BACKGROUNDS = {"black": 0.06, "gray": 0.50, "white": 0.94}

ATTRIBUTES = {
    "shape": SHAPES,
    "color": tuple(COLORS),
    "size": tuple(SIZES_RADIUS_PX),
    "motion": tuple(MOTIONS),
    "background": tuple(BACKGROUNDS),
}


@dataclass(frozen=True, order=True)
class Scene:
    """One combination of attribute values."""

    shape: str
    color: str
    size: str
    motion: str
    background: str

    def prompt(self) -> str:
        """The templated English prompt of this scene."""
        return (
            f"a {self.size} {self.color} {self.shape} moving {self.motion} "
            f"on a {self.background} background"
        )

    def attributes(self) -> dict[str, str]:
        """The attribute values by name, in the order of ATTRIBUTES."""
        return {name: getattr(self, name) for name in ATTRIBUTES}

    def key(self) -> str:
        """A stable identifier such as ``circle-red-small-left-black``."""
        return "-".join(self.attributes().values())


def all_scenes() -> list[Scene]:
    """Every combination of the vocabulary, in lexical order of the attribute tables (288)."""
    return [Scene(*values) for values in itertools.product(*ATTRIBUTES.values())]


def read_prompt(prompt: str) -> Scene:
    """The scene that a prompt names.

    Raises ValueError when an attribute is named never or with two different values; words outside
    the vocabulary are ignored.
    """
    words = {word.strip(".,;:!?\"'()") for word in prompt.lower().split()}
    values = {}
    for name, allowed in ATTRIBUTES.items():
        named = [value for value in allowed if value in words]
        if len(named) != 1:
            seen = " and ".join(named) if named else "none"
            raise ValueError(f"The prompt names {seen} as {name}; expected one of {', '.join(allowed)}")
        values[name] = named[0]
    return Scene(**values)
