"""PDFs as programs write them, and as nobody should send them."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from pypdf import PdfWriter

from punctual.media.refusals import MAX_PAGES
from tests.media.corpus.broken import HTML, written
from tests.media.corpus.drawn import picture
from tests.media.corpus.polyglots import archive
from tests.media.corpus.samples import Making, Sample

Content: TypeAlias = Callable[[], bytes]
MIME = "application/pdf"
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>"


def pdf(pages: int = 3, password: str | None = None, algorithm: str = "AES-256", **about: str) -> bytes:
    """`password`: what it opens with; an empty one only forbids printing and the like."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(612, 792)
    writer.add_metadata({f"/{name}": value for name, value in about.items()})
    if password is not None:
        writer.encrypt(password, "the owner's", algorithm=algorithm)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def assembled(*objects: bytes, more: bytes = b"") -> bytes:
    """Of objects 1, 2 and so on, with the table that says where they are; the first is the catalog."""
    file, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer << /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (size, more, len(file))
    return bytes(file) + b"xref\n0 %d\n0000000000 65535 f \n%b%b" % (size, table, trailer)


def tree(pages: bytes, *kids: bytes, more: bytes = b"") -> bytes:
    """With that at the top of its pages, which is object 2."""
    return assembled(b"<< /Type /Catalog /Pages 2 0 R >>", pages, *kids, more=more)


def packed(blanks: int = 0) -> bytes:
    """As most programs write it: what it is made of is compressed, here with so many blanks."""
    inside = [b"<< /Type /Catalog /Pages 3 0 R >>", b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>", _PAGE]
    starts = [sum(len(each) + 1 for each in inside[:number]) for number in range(len(inside))]
    index = b" ".join(b"%d %d" % (number, start) for number, start in zip((2, 3, 4), starts, strict=True)) + b" "
    packer = zlib.compressobj(1)
    content = packer.compress(index + b" ".join(inside))
    content += b"".join(packer.compress(b" " * (1 << 20)) for _ in range(blanks >> 20)) + packer.flush()
    about = b"/Type /ObjStm /N 3 /First %d /Filter /FlateDecode" % len(index)
    file = bytearray(b"%PDF-1.7\n")
    held, file = len(file), file + _stream(1, about, content)
    entries = [(0, 0, 65535), (1, held, 0), (2, 1, 0), (2, 1, 1), (2, 1, 2), (1, len(file), 0)]
    rows = b"".join(struct.pack(">BIH", *entry) for entry in entries)
    start, file = len(file), file + _stream(5, b"/Type /XRef /W [1 4 2] /Size 6 /Root 2 0 R", rows)
    return bytes(file) + b"startxref\n%d\n%%%%EOF\n" % start


def _stream(number: int, about: bytes, content: bytes) -> bytes:
    head = b"%d 0 obj\n<< %b /Length %d >>\nstream\n" % (number, about, len(content))
    return head + content + b"\nendstream\nendobj\n"


def _of_pictures(path: Path) -> None:
    picture().save(path, "PDF", save_all=True, append_images=[picture(), picture()])


def _many(count: int, said: int | None = None) -> bytes:
    """Pages that are one and the same."""
    return tree(b"<< /Type /Pages /Count %d /Kids [%b] >>" % (said or count, b"3 0 R " * count), _PAGE)


def _deep(depth: int) -> bytes:
    links = [b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % (number + 1) for number in range(2, 2 + depth)]
    return tree(*links, _PAGE)


def _written(content: Content) -> Making:
    return lambda path: written(content())(path)


def _taken() -> Iterator[tuple[str, Content, int]]:
    yield "pdf", pdf, 3
    yield "pdf-with-an-author", lambda: pdf(Author="Ada", Keywords="53.55,9.99"), 3
    yield "pdf-packed", packed, 1
    yield "pdf-of-300", lambda: _many(300), 300
    yield "pdf-at-the-limit", lambda: _many(MAX_PAGES), MAX_PAGES
    yield "pdf-with-blanks-behind", lambda: pdf() + b"\r\n\0\0", 3
    yield "pdf-with-a-comment-behind", lambda: pdf() + b"\n% made by hand\n", 3
    yield "pdf-whose-table-is-elsewhere", lambda: pdf().replace(b"startxref\n", b"startxref\n1"), 3


def _refused() -> Iterator[tuple[str, Content, str]]:
    yield "pdf-magic-alone", lambda: b"%PDF-1.7\n", "unreadable"
    yield "pdf-of-noise", lambda: b"%PDF-1.7\n" + b"x" * 3000 + b"\n%%EOF\n", "unreadable"
    yield "pdf-cut-off", lambda: pdf(60)[:-2000], "unreadable"
    yield "pdf-without-its-end", lambda: pdf().removesuffix(b"%%EOF\n"), "unreadable"
    yield (
        "pdf-without-a-page-of-two",
        lambda: tree(b"<< /Type /Pages /Count 2 /Kids [3 0 R 4 0 R] >>", _PAGE, b"null"),
        "unreadable",
    )
    yield "pdf-without-a-catalog", lambda: assembled(b"<< >>"), "unreadable"
    yield "pdf-of-no-pages", lambda: tree(b"<< /Type /Pages /Count 0 /Kids [] >>"), "no_pages"
    yield (
        "pdf-in-a-circle",
        lambda: tree(b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>", b"<< /Kids [2 0 R] >>"),
        "unreadable",
    )
    yield "pdf-above-the-limit", lambda: _many(MAX_PAGES + 1), "too_many_pages"
    yield "pdf-that-claims-a-million", lambda: _many(1, said=10**6), "too_many_pages"
    yield "pdf-that-claims-fewer", lambda: _many(MAX_PAGES + 1, said=1), "too_many_pages"
    yield "pdf-that-claims-far-fewer", lambda: _many(100_001, said=1), "too_costly"
    yield "pdf-too-deep", lambda: _deep(200), "too_costly"
    yield "pdf-bomb", lambda: packed(100 << 20), "too_costly"
    yield "pdf-with-a-password", lambda: pdf(password="secret"), "protected"
    yield "pdf-with-an-old-password", lambda: pdf(password="secret", algorithm="RC4-40"), "protected"
    yield "pdf-not-to-be-printed", lambda: pdf(password=""), "protected"
    strange = b"/Encrypt << /Filter /Strange /V 9 >>"
    yield "pdf-with-another-protection", lambda: tree(b"<< /Count 1 /Kids [3 0 R] >>", _PAGE, more=strange), "protected"
    yield "pdf-and-zip", lambda: pdf() + archive(), "ambiguous"
    yield "pdf-and-html", lambda: pdf() + b"\n" + HTML, "ambiguous"
    yield "pdf-behind-something", lambda: b"\n" * 100 + pdf(), "unknown_type"


def _samples() -> Iterator[Sample]:
    yield Sample(name="pdf-of-pictures", make=_of_pictures, declared="application/x-pdf", facts={"pages": 3})
    for name, content, pages in _taken():
        facts = {"kind": "document", "type": MIME, "pages": pages, "width": 0, "height": 0, "has_location": False}
        yield Sample(name=name, make=_written(content), declared=MIME, facts=facts)
    for name, content, code in _refused():
        yield Sample(name=name, make=_written(content), declared=MIME, refusal=code)
    yield Sample(name="pdf-named-jpeg", make=_written(pdf), declared="image/jpeg", refusal="type_mismatch")


SAMPLES = list(_samples())
