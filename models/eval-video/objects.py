"""Connected components of a small binary image, in numpy. Used by shapes.py."""

import numpy as np


def component_labels(mask: np.ndarray) -> np.ndarray:
    """Labels (height, width) of 4-connected components, 0 outside the mask.

    Every pixel starts with a label of its own and takes the largest label of its neighbours until
    nothing changes: at most as many rounds as the longest path in a component.
    """
    labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        spread = labels.copy()
        spread[1:] = np.maximum(spread[1:], labels[:-1])
        spread[:-1] = np.maximum(spread[:-1], labels[1:])
        spread[:, 1:] = np.maximum(spread[:, 1:], labels[:, :-1])
        spread[:, :-1] = np.maximum(spread[:, :-1], labels[:, 1:])
        spread[~mask] = 0
        if np.array_equal(spread, labels):
            return labels
        labels = spread


def largest_component(mask: np.ndarray) -> np.ndarray:
    """The mask of the largest component; empty when the mask is empty."""
    labels = component_labels(mask)
    counts = np.bincount(labels.ravel(), minlength=1)
    counts[0] = 0
    return (labels == counts.argmax()) & mask
