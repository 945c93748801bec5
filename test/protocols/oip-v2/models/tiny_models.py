"""Tiny models for MLServer: they say what they were given, or do what the prompt names."""

import asyncio

from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Words(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        texts = {each.name: StringCodec.decode_input(each)[0] for each in payload.inputs}
        prompt = texts.pop("prompt")
        if prompt == "fail":
            raise ValueError("no words for this")
        if prompt == "slow":
            await asyncio.sleep(3)
        given = payload.parameters.model_dump()
        reply = f"{prompt}|{given.get('seed')}|{given.get('volume')}|{sorted(texts.items())}"
        outputs = [NumpyCodec.encode_output("scores", _scores()), StringCodec.encode_output("reply", [reply])]
        return InferenceResponse(model_name=self.name, id=payload.id, outputs=outputs)


class Sums(MLModel):
    """The sum of all numbers, each weighed by its place."""

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        numbers = [float(number) for each in payload.inputs for number in NumpyCodec.decode_input(each).ravel()]
        total = sum((place + 1) * number for place, number in enumerate(numbers))
        return InferenceResponse(model_name=self.name, id=payload.id, outputs=[NumpyCodec.encode_output("sum", _one(total))])


def _one(number: float):
    import numpy

    return numpy.array([number])


def _scores():
    import numpy

    return numpy.array([[0.25, 0.75]])
