"""Peak memory of the upload path for files of three sizes, and an upload whose workers are killed.

    python -m tests.benchmarks.uploading [BYTES …]

Fails where the peaks lie more than 64 MB apart, a part came twice, or a byte was another one.
"""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from punctual.clock import now
from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Callback, Consent
from punctual.providers.sandbox import PROVIDER
from sandbox.codes import challenge
from tests.sandbox_bridge import callback_query, consent

MEGABYTE = 1_000_000
SIZES = (10 * MEGABYTE, 200 * MEGABYTE, 1000 * MEGABYTE)
KILLED = 200 * MEGABYTE
KILLS = 4
MOST_APART = 64 * 1024 * 1024
_VERIFIER = "v" * 43
_PATIENCE_SECONDS = 120


def main() -> None:
    sizes = [int(each) for each in sys.argv[1:]] or list(SIZES)
    with far_side() as address:
        peaks = [measure(address, size) for size in sizes]
        apart = max(peaks) - min(peaks)
        print(f"peaks lie {apart / 2**20:.1f} MiB apart")
        kill(address, KILLED if not sys.argv[1:] else max(sizes))
    assert apart <= MOST_APART, "memory grows with the file"


def measure(address: str, size: int) -> int:
    with begun(address, size) as folder:
        started = time.monotonic()
        workers = list(until_done(folder))
        seconds = time.monotonic() - started
        said = told(address, folder)
        assert said["sent_again"] == 0, "a part came twice"
        peak = max(each["peak_kb"] for each in workers) * 1024
        print(
            f"{size / MEGABYTE:6.0f} MB: peak {peak / 2**20:6.1f} MiB, {len(said['received'])} parts, "
            f"{said['sent_again']} twice, {len(workers)} workers, {seconds:.0f} s",
            flush=True,
        )
        return peak


def kill(address: str, size: int) -> None:
    """Every worker but the last dies somewhere in its work, by a signal that it cannot meet."""
    with begun(address, size) as folder:
        for number in range(1, KILLS + 1):
            worker = start(folder)
            wait_for(folder, size * number // (KILLS + 1))
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            time.sleep(0.5)  # a part on its way arrives; in life, the lease is waited for
        list(until_done(folder))
        said = told(address, folder)
        print(
            f"{size / MEGABYTE:6.0f} MB, {KILLS} workers killed: {len(said['received'])} parts, "
            f"{said['sent_again']} twice, {said['status']}"
        )
        assert said["sent_again"] == 0, "a finished part came twice"
        assert said["status"] == "ready"


def until_done(folder: Path) -> Iterator[dict[str, Any]]:
    while True:
        worker = start(folder)
        said, _ = worker.communicate()
        assert worker.returncode == 0, "the worker failed"
        found: dict[str, Any] = json.loads(said)
        yield found
        if found["ended"] == "done":
            return


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.benchmarks.uploading.worker", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own code


def wait_for(folder: Path, sent: int) -> None:
    ends = time.monotonic() + _PATIENCE_SECONDS
    while kept(folder).get("sent", 0) < sent:
        assert time.monotonic() < ends, "it does not go on"
        time.sleep(0.01)


def kept(folder: Path) -> dict[str, Any]:
    path = folder / "kept.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return dict(found.get("media_0", {}))


def told(address: str, folder: Path) -> dict[str, Any]:
    """What the sandbox says of the upload."""
    job = json.loads((folder / "job.json").read_text())
    url = f"{address}/sandbox/api/uploads/{kept(folder)['id']}"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {job['token']}"})
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


@contextmanager
def begun(address: str, size: int) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="uploading-"))
    token, account = login(address)
    about = {"key": f"dlv_{size}.0.1", "text": "A long video", "token": token, "account": account}
    (folder / "job.json").write_text(json.dumps({"address": address, "bytes": size, **about}))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def login(address: str) -> tuple[str, str]:
    provider = PROVIDER(GuardedHttp(allow_private=True), now)
    app = provider.register_app("", "")
    assert app
    about: dict[str, Any] = {"app": app, "redirect_uri": f"{address}/back", "server": f"{address}/sandbox"}
    url = provider.authorization_url(Consent(**about, state="s", code_challenge=challenge(_VERIFIER)))
    with httpx.Client() as browser:
        code = callback_query(consent(browser, url, handle="ada", lifetime="86400"))["code"]
    found = provider.authenticate(Callback(**about, code=code, code_verifier=SecretStr(_VERIFIER)))
    return found.grant.access_token.get_secret_value(), found.accounts[0].id


@contextmanager
def far_side() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.benchmarks.uploading.far_side"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())["address"]
        finally:
            process.kill()


if __name__ == "__main__":
    main()
