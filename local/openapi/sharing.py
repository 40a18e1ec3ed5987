"""What is said once: answers that many operations share, and no schema that nobody refers to."""

import json
from collections import Counter
from http import HTTPStatus
from typing import Any

_FEWEST = 3


def shared_responses(paths: dict[str, Any]) -> dict[str, Any]:
    """The most frequent refusal of each status, as a component; where it was, there is a reference now."""
    every = [each["responses"] for path in paths.values() for each in path.values()]
    texts = Counter(
        (status, json.dumps(given)) for responses in every for status, given in responses.items() if status >= "400"
    )
    named: dict[tuple[str, str], str] = {}
    for (status, text), times in sorted(texts.items(), key=lambda counted: (-counted[1], counted[0])):
        name = HTTPStatus(int(status)).phrase.title().replace(" ", "")
        if times >= _FEWEST and name not in named.values():
            named[status, text] = name
    for responses in every:
        for status, given in responses.items():
            name = named.get((status, json.dumps(given)), "")
            if name:
                responses[status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted((name, json.loads(text)) for (_, text), name in named.items()))


def without_unused(schemas: dict[str, Any], *others: Any) -> dict[str, Any]:
    text = json.dumps(others)
    kept: dict[str, Any] = {}
    while True:
        new = {name: each for name, each in schemas.items() if name not in kept and _reference(name) in text}
        if not new:
            return dict(sorted(kept.items()))
        kept |= new
        text += json.dumps(new)


def _reference(name: str) -> str:
    return f'"#/components/schemas/{name}"'
