"""A tiny handler for Multi Model Server: says what it was given, or does what the prompt names."""

import json
import time


def handle(data, context):
    if data is None:
        return None
    body = data[0]["body"]
    asked = json.loads(body) if isinstance(body, (bytes, bytearray)) else body
    context.set_response_content_type(0, "application/json")
    if "instances" in asked:
        return [json.dumps({"predictions": [sum(asked["instances"][0].values())]})]
    if "messages" in asked:
        return [json.dumps({"generated_text": asked["messages"][0]["content"][1]["image_url"]["url"]})]
    prompt = asked["inputs"]
    if prompt == "fail":
        raise ValueError("no words for this")
    if prompt == "slow":
        time.sleep(3)
    given = asked["parameters"]
    return [json.dumps([{"generated_text": f"{prompt}|{given['seed']}|{given.get('volume')}"}])]
