"""What libraries may say in our logs."""

import logging


def quiet_libraries() -> None:
    """Warnings only. On Lambda the template's LogLevel is the root's as well, and at DEBUG botocore logs whole requests
    and answers (captions, KMS's plain keys), httpcore headers and httpx URLs."""
    logging.getLogger().setLevel(logging.WARNING)
