"""Holds requests to lexicons (https://atproto.com/specs/lexicon), and stricter than a server: no unknown fields."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx
import regex

_HANDLE = r"([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DID = r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]"
_FORMATS = {
    "did": _DID,
    "at-uri": rf"at://({_DID}|{_HANDLE})/[a-zA-Z0-9.-]+/(?!\.{{1,2}}$)[a-zA-Z0-9_~.:-]{{1,512}}",
    "cid": r"b[a-z2-7]{58}",
    "handle": _HANDLE,
    "at-identifier": f"{_DID}|{_HANDLE}",
    "nsid": r"[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)+\.[a-zA-Z][a-zA-Z0-9]*",
    "record-key": r"(?!\.{1,2}$)[a-zA-Z0-9_~.:-]{1,512}",
    "tid": r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}",
    "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    "language": r"[a-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-[A-Za-z0-9]{5,8})*",
    "uri": r"\w+:(//)?[^\s/\ufeff][^\s\ufeff]*",
}
_TYPES = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "params": dict,
    "unknown": dict,
    "blob": dict,
}


class Lexicons:
    """`load` gives the document of an NSID."""

    def __init__(self, load: Callable[[str], dict[str, Any]]):
        self._load = load

    def request(self, request: httpx.Request) -> list[str]:
        """What it breaks; a record in it is held to the lexicon of its collection, and so is its key."""
        nsid = request.url.path.removeprefix("/xrpc/")
        main = self._load(nsid)["defs"]["main"]
        verb = {"query": "GET", "procedure": "POST"}[main["type"]]
        broken = [] if request.method == verb else [f"{nsid} is a {main['type']}"]
        parameters = main.get("parameters", {"type": "params", "properties": {}})
        broken += self.value(nsid, parameters, _typed(parameters, request.url.params))
        if "input" not in main:
            return broken + (["it takes no body"] if request.content else [])
        if main["input"]["encoding"] not in ("*/*", request.headers["Content-Type"]):
            broken.append("the body is of another type")
        if "schema" not in main["input"]:
            return broken
        body = json.loads(request.content)
        broken += self.value(nsid, main["input"]["schema"], body)
        return broken + (self.record(body) if "record" in body else [])

    def record(self, body: Mapping[str, Any]) -> list[str]:
        collection, record = body["collection"], body["record"]
        main = self._load(collection)["defs"]["main"]
        broken = [] if record.get("$type") == collection else ["record.$type: not its collection"]
        broken += self.value(collection, {"type": "string", "format": main["key"]}, body["rkey"], "rkey")
        return broken + self.value(collection, main["record"], record, "record")

    def value(self, nsid: str, schema: dict[str, Any], value: Any, at: str = "") -> list[str]:
        return list(self._broken(nsid, schema, value, at))

    def _broken(self, nsid: str, schema: dict[str, Any], value: Any, at: str) -> Iterator[str]:
        kind = schema["type"]
        if kind == "ref":
            yield from self._broken(*self._definition(nsid, schema["ref"]), value, at)
        elif kind == "union":
            named = value.get("$type") if isinstance(value, dict) else None
            refs = {self._full(nsid, ref): ref for ref in schema["refs"]}
            if named not in refs:
                yield f"{at}: its $type is none of the union's"
            else:
                yield from self._broken(*self._definition(nsid, refs[named]), value, at)
        elif not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
            yield f"{at}: not a {kind}"
        else:
            yield from getattr(self, f"_{kind}", lambda *_: ())(nsid, schema, value, at)

    def _object(self, nsid: str, schema: dict[str, Any], value: dict[str, Any], at: str) -> Iterator[str]:
        known = schema["properties"]
        yield from (f"{at}.{name}: missing" for name in schema.get("required", []) if name not in value)
        yield from (f"{at}.{name}: unknown" for name in value if name not in known and name != "$type")
        for name in known.keys() & value.keys():
            if value[name] is not None or name not in schema.get("nullable", []):
                yield from self._broken(nsid, known[name], value[name], f"{at}.{name}")

    _params = _object

    def _array(self, nsid: str, schema: dict[str, Any], value: list[Any], at: str) -> Iterator[str]:
        if len(value) > schema.get("maxLength", len(value)):
            yield f"{at}: too many"
        for place, item in enumerate(value):
            yield from self._broken(nsid, schema["items"], item, f"{at}[{place}]")

    def _string(self, nsid: str, schema: dict[str, Any], value: str, at: str) -> Iterator[str]:
        if len(value.encode()) < schema.get("minLength", 0):
            yield f"{at}: too short"
        if len(value.encode()) > schema.get("maxLength", float("inf")):
            yield f"{at}: too many bytes"
        if len(regex.findall(r"\X", value)) > schema.get("maxGraphemes", float("inf")):
            yield f"{at}: too many graphemes"
        form = schema.get("format")
        if form and not regex.fullmatch(_FORMATS[form], value):
            yield f"{at}: no {form}"
        elif form == "datetime":
            datetime.fromisoformat(value)

    def _blob(self, nsid: str, schema: dict[str, Any], value: dict[str, Any], at: str) -> Iterator[str]:
        kind, _, rest = str(value.get("mimeType")).partition("/")
        link = value.get("ref", {}).get("$link", "")
        if value.get("$type") != "blob" or not regex.fullmatch(_FORMATS["cid"], link) or not rest:
            yield f"{at}: no blob"
        elif not {"*/*", f"{kind}/*", f"{kind}/{rest}"} & set(schema.get("accept", ["*/*"])):
            yield f"{at}: of another type"
        elif value.get("size", 0) > schema.get("maxSize", float("inf")):
            yield f"{at}: too large"

    def _integer(self, nsid: str, schema: dict[str, Any], value: int, at: str) -> Iterator[str]:
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            yield f"{at}: out of range"

    def _full(self, nsid: str, ref: str) -> str:
        return nsid + ref if ref.startswith("#") else ref

    def _definition(self, nsid: str, ref: str) -> tuple[str, dict[str, Any]]:
        document, _, name = self._full(nsid, ref).partition("#")
        return document, self._load(document)["defs"][name or "main"]


def _typed(parameters: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    """A query is text; what is to be a number is one where it reads as one."""
    numbers = {name for name, about in parameters["properties"].items() if about["type"] == "integer"}
    return {name: int(text) if name in numbers and text.isdecimal() else text for name, text in query.items()}
