"""The generations a server knows by id, within bounds: the oldest settled ones are forgotten first.

What is queued or running is never forgotten; the queue has a bound of its own (worker_pool.py).
"""

from __future__ import annotations

from collections import OrderedDict

from .generation import Generation


class Remembered:
    """Looks generations up by id; bounded in number and in bytes of answers."""

    def __init__(self, max_count: int, max_bytes: int) -> None:
        self._max_count, self._max_bytes = max_count, max_bytes
        self._known: dict[str, Generation] = {}
        self._settled: OrderedDict[str, int] = OrderedDict()
        self._bytes = 0

    def get(self, generation_id: str) -> Generation | None:
        return self._known.get(generation_id)

    def add(self, generation: Generation) -> None:
        self._known[generation.id] = generation

    def note_settled(self, generation: Generation) -> None:
        """Counts a settled generation and forgets the oldest ones beyond the bounds."""
        if self._known.get(generation.id) is not generation:
            return
        size = _size_of(generation)
        self._settled[generation.id] = size
        self._bytes += size
        while len(self._settled) > self._max_count or self._bytes > self._max_bytes:
            if len(self._settled) == 1:
                return
            self.forget(next(iter(self._settled)))

    def forget(self, generation_id: str) -> None:
        self._known.pop(generation_id, None)
        self._bytes -= self._settled.pop(generation_id, 0)


def _size_of(generation: Generation) -> int:
    """An estimate in bytes: the text dominates, everything else is small."""
    text = (generation.output or {}).get("text") or ""
    return 2048 + 4 * len(text)
