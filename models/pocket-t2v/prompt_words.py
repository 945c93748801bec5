"""The bag of words that the denoiser was trained on. Used by pocket.py; must match the training."""

import numpy as np

# By attribute, in the order of the denoiser's input.
VOCABULARY = {
    "shape": ("circle", "square", "triangle"),
    "color": ("red", "green", "blue", "yellow"),
    "size": ("small", "large"),
    "motion": ("left", "right", "up", "down"),
    "background": ("black", "gray", "white"),
}


def bag_of_prompt(prompt: str) -> np.ndarray:
    """(16,) float32: 1 for each known word of the prompt.

    Raises ValueError unless the prompt names exactly one value of every attribute: the model was never
    shown anything else.
    """
    words = {word.strip(".,;:!?\"'()") for word in prompt.lower().split()}
    for name, values in VOCABULARY.items():
        named = [value for value in values if value in words]
        if len(named) != 1:
            seen = " and ".join(named) if named else "none"
            raise ValueError(f"The prompt names {seen} as {name}; expected one of {', '.join(values)}")
    known = [value for values in VOCABULARY.values() for value in values]
    return np.array([value in words for value in known], dtype=np.float32)
