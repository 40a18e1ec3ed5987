"""AWS on this computer: MiniStack, with IAM enforced, on loopback only."""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from local.problems import LocalError

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / ".venv" / "tools" / "bin"
REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
SERVICES = (
    "acm,apigateway,cloudformation,dynamodb,dynamodbstreams,events,iam,kms,lambda,logs,monitoring,s3,scheduler,sns,sqs,"
    "ssm,sts,tagging"
)
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR")
SECONDS_TO_STOP = 20


@dataclass(frozen=True, kw_only=True)
class Emulator:
    endpoint_url: str
    url: str
    log: Path
    process: subprocess.Popen[bytes] = field(repr=False)


@contextmanager
def emulating(folder: Path, *, port: int = 0, aws_port: int = 0, persistent: bool = False) -> Iterator[Emulator]:
    """Runs until the block ends; everything it writes is below `folder`. Port 0 takes a free one."""
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    (folder / "tmp").mkdir(parents=True)
    log = folder / "ministack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [TOOLS / "python", "-P", ROOT / "local" / "server.py", str(aws_port), str(port)],
            env=_environment(folder, persistent=persistent),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for us: we stop it in order, state saved
        )
    try:
        yield _started(process, log)
    finally:
        _stop(process)


def _environment(folder: Path, *, persistent: bool) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | CREDENTIALS | {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "DOCKER_HOST": "unix:///nonexistent",  # it would look for containers to clear away
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "SERVICES": SERVICES,
        "PERSIST_STATE": str(int(persistent)),
        "S3_PERSIST": str(int(persistent)),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "TMPDIR": str(folder / "tmp"),
        "LAMBDA_WARM_TTL_SECONDS": "3600",
    }  # fmt: skip


def _started(process: subprocess.Popen[bytes], log: Path) -> Emulator:
    line = process.stdout.readline() if process.stdout else b""
    if not line:
        said = log.read_text().strip().splitlines() or ["no reason given"]
        raise LocalError(f"MiniStack did not start: {said[-1]}")
    ports = json.loads(line)
    return Emulator(
        endpoint_url=f"http://127.0.0.1:{ports['aws']}",
        url=f"http://localhost:{ports['public']}",
        log=log,
        process=process,
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """By closing its input; then whatever is left of its session, the functions' processes, goes too."""
    with _uninterrupted():
        try:
            if process.stdin:
                process.stdin.close()
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdout:
            process.stdout.close()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """An impatient second Ctrl-C must not leave half of it behind. (Only the main thread may set this.)"""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
