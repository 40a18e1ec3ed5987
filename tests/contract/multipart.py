"""Bodies of several parts (RFC 7578), as a server reads them."""

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

import httpx


@dataclass(frozen=True)
class Part:
    name: str
    data: bytes
    file_name: str | None
    type: str | None


def parts_of(request: httpx.Request) -> list[Part]:
    """Raises ValueError for what is no such body."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    whole = BytesParser(policy=HTTP).parsebytes(head + request.content)
    if not whole.is_multipart() or whole.defects:
        raise ValueError("no multipart body")
    return [_part(each) for each in whole.get_payload()]  # type: ignore[union-attr]


def _part(found: Message) -> Part:
    data = found.get_payload(decode=True)
    assert isinstance(data, bytes)
    name = found.get_param("name", header="Content-Disposition")
    return Part(
        name=str(name),
        data=data,
        file_name=found.get_filename(),
        type=found.get_content_type() if "Content-Type" in found else None,
    )
