"""The workshop's child: what a file does to it stays in it."""

import ctypes
import json
import signal
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from punctual.media.recipes import THUMBNAIL
from punctual.media.refusals import Refused
from punctual.workshop import running
from punctual.workshop.running import Workshop, WorkshopClosed
from tests.media.conftest import MEMORY, Corpus
from tests.media.corpus.drawn import noisy


def test_facts_come_back_from_the_child(corpus: Corpus, workshop: Workshop) -> None:
    facts = workshop.probe(corpus("gif"), "image/gif")
    assert (facts.type, facts.kind, facts.frames, facts.duration_ms) == ("image/gif", "animation", 4, 1000)


def test_a_document_has_pages_and_no_size(corpus: Corpus, workshop: Workshop) -> None:
    facts = workshop.probe(corpus("pdf"), None)
    assert (facts.type, facts.kind, facts.pages) == ("application/pdf", "document", 3)
    assert (facts.width, facts.height) == (0, 0)


def test_a_refusal_comes_back_with_its_code_and_its_words(corpus: Corpus, workshop: Workshop) -> None:
    with pytest.raises(Refused, match="drawing") as refused:
        workshop.probe(corpus("svg"), None)
    assert refused.value.code == "scripted"


def test_what_is_made_comes_back_with_its_facts(corpus: Corpus, workshop: Workshop, tmp_path: Path) -> None:
    path, target = corpus("jpeg-100-megapixels"), tmp_path / "made"
    made = workshop.render(path, THUMBNAIL, workshop.probe(path, None), target)
    assert (made.width, made.height, made.bytes) == (640, 640, target.stat().st_size)


def test_a_location_is_taken_out_by_the_child(corpus: Corpus, workshop: Workshop, tmp_path: Path) -> None:
    path, target = corpus("jpeg-turned-6-located"), tmp_path / "cleaned"
    workshop.clean(path, target, workshop.probe(path, None))
    assert not workshop.probe(target, None).has_location


def test_more_memory_than_there_is_refuses_the_file(corpus: Corpus) -> None:
    with pytest.raises(Refused) as refused:
        Workshop(memory_bytes=100 << 20, seconds=60).probe(corpus("png-100-megapixels-colour"), None)
    assert (refused.value.code, refused.value.message) == ("too_costly", "Reading it took more memory than there is.")


def test_more_time_than_there_is_refuses_the_file(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = "import os, time; os.write(1, b'ready\\n'); time.sleep(60)"
    monkeypatch.setattr(running, "COMMAND", ("-c", slow))
    with pytest.raises(Refused) as refused:
        Workshop(memory_bytes=MEMORY, seconds=2).probe(corpus("png"), None)
    assert (refused.value.code, refused.value.message) == ("too_costly", "Reading it took more time than there is.")


def test_more_than_may_be_written_refuses_the_file_and_leaves_nothing(workshop: Workshop, tmp_path: Path) -> None:
    path, target = tmp_path / "noise.bmp", tmp_path / "made"
    noisy(400, 400).save(path)
    small = Workshop(memory_bytes=MEMORY, seconds=60, file_bytes=4096)
    with pytest.raises(Refused) as refused:
        small.render(path, THUMBNAIL, workshop.probe(path, None), target)
    assert (refused.value.code, target.exists()) == ("too_costly", False)


def test_what_a_child_that_crashed_has_written_is_removed(
    workshop: Workshop, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "made"
    crash = f"import os; os.write(1, b'ready\\n'); open({str(target)!r}, 'w').close(); os._exit(3)"
    facts = workshop.probe(corpus("png"), None)
    monkeypatch.setattr(running, "COMMAND", ("-c", crash))
    with pytest.raises(Refused):
        workshop.clean(corpus("png"), target, facts)
    assert not target.exists()


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (f"os.kill(os.getpid(), {int(signal.SIGSEGV)})", "unreadable"),
        (f"os.kill(os.getpid(), {int(signal.SIGKILL)})", "too_costly"),
        (f"os.kill(os.getpid(), {int(signal.SIGABRT)})", "too_costly"),
        ("os._exit(3)", "unreadable"),
        ("os._exit(0)", "unreadable"),
        ("os.write(1, b'[]'); os._exit(0)", "unreadable"),
        (
            """os.write(1, b'{"refused": {"code": "made_up", "message": ""}, "facts": null}'); os._exit(0)""",
            "unreadable",
        ),
        ("""os.write(1, b'{"facts": {"kind": "cake"}, "peak_bytes": 1}'); os._exit(0)""", "unreadable"),
        ("""os.write(1, b'x' * 9_000_000); os._exit(0)""", "unreadable"),
    ],
)
def test_however_a_child_ends_the_file_is_refused(
    ending: str, code: str, workshop: Workshop, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "COMMAND", ("-c", f"import os; os.write(1, b'ready\\n'); {ending}"))
    with pytest.raises(Refused) as refused:
        workshop.probe(corpus("png"), None)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "said",
    [
        {"type": "text/html"},
        {"bytes": -1_000_000},
        {"bytes": 1},
        {"width": 0},
        {"height": -1},
        {"kind": "document"},
        {"kind": "document", "pages": 0},
    ],
)
def test_what_a_child_says_of_a_file_is_held_against_the_file(
    said: dict[str, Any], workshop: Workshop, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file may have taken the child over: what is counted, and what people are shown, is not the child's to say."""
    facts = asdict(workshop.probe(corpus("png"), None))

    def answering(**more: Any) -> None:
        answer = json.dumps({"facts": facts | more, "peak_bytes": 1})
        monkeypatch.setattr(running, "COMMAND", ("-c", f"print('ready'); print({answer!r})"))

    answering()
    assert workshop.probe(corpus("png"), None).bytes == facts["bytes"]
    answering(**said)
    with pytest.raises(Refused, match="broke off"):
        workshop.probe(corpus("png"), None)


@pytest.mark.parametrize("work", ["clean", "render"])
def test_a_link_that_a_child_leaves_leads_nowhere(
    work: str, workshop: Workshop, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever uploads what was made would read its own environment."""
    secret, target, facts = tmp_path / "environ", tmp_path / "made", workshop.probe(corpus("png"), None)
    secret.write_bytes(b"a secret")
    answer = json.dumps({"facts": asdict(replace(facts, bytes=8)), "peak_bytes": 1})
    links = f"import os; os.symlink({str(secret)!r}, {str(target)!r}); print('ready'); print({answer!r})"
    monkeypatch.setattr(running, "COMMAND", ("-c", links))
    given = {
        "clean": partial(workshop.clean, corpus("png"), target, facts),
        "render": partial(workshop.render, corpus("png"), THUMBNAIL, facts, target),
    }
    with pytest.raises(Refused, match="broke off"):
        given[work]()
    assert not target.exists()


def test_a_child_that_cannot_load_its_libraries_refuses_no_file(corpus: Corpus) -> None:
    with pytest.raises(WorkshopClosed):
        Workshop(memory_bytes=4 << 20, seconds=60).probe(corpus("png"), None)


def test_the_child_has_no_credentials(
    workshop: Workshop, corpus: Corpus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    told = tmp_path / "told"
    monkeypatch.setattr(
        running, "COMMAND", ("-c", f"import os; open({str(told)!r}, 'w').write('\\n'.join(os.environ))")
    )
    with pytest.raises(WorkshopClosed):
        workshop.probe(corpus("png"), None)
    assert set(told.read_text().split()) <= {
        *("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR", "MALLOC_ARENA_MAX", "LC_ALL")
    }


def test_the_child_cannot_read_its_parents_environment(workshop: Workshop, corpus: Corpus) -> None:
    """The kernel goes by this flag (PR_GET_DUMPABLE), but for root."""
    workshop.probe(corpus("png"), None)
    assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0


def test_nothing_of_a_file_reaches_the_log(
    workshop: Workshop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    path = tmp_path / "holiday"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\x06sEcReTsecret" + b"secret" * 9)
    with pytest.raises(Refused) as refused:
        workshop.probe(path, None)
    assert not {word for word in ("secret", "sEcReT", "holiday") if word in caplog.text + refused.value.message}
