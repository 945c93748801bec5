"""__NAME__: a chat model that repeats what it was asked. Write your own in its place.

Started by `python -m bakeoff_server adapter:Starter`; runs in the SDK's worker, behind /v1/chat/completions.
"""

from __future__ import annotations

from bakeoff_server import Context, InvalidInput, Model, Output, Request


class Starter(Model):
    def setup(self) -> None:
        """Load weights here: once per worker, before the server is ready."""

    def generate(self, request: Request, context: Context) -> Output:
        # request.text: what the user said; request.input.messages: the whole conversation.
        words = request.text.split()
        if not words:
            raise InvalidInput("no-words", "The messages have no words; expected at least one.")
        answer = words[: request.params["max_words"]]
        for number, word in enumerate(answer):
            context.check_cancelled()
            context.token(word if number == 0 else f" {word}")  # what `stream: true` measures
        return Output(text=" ".join(answer))
