"""Environment variables, as one model a function; the fields that several need stand here."""

import os
from typing import Self

from pydantic import BaseModel, ConfigDict


class Environment(BaseModel):
    """Read from upper-case names: `work_table` from WORK_TABLE. Raises pydantic's ValidationError for a missing one."""

    model_config = ConfigDict(frozen=True)

    @classmethod
    def read(cls) -> Self:
        return cls.model_validate(
            {name: os.environ[name.upper()] for name in cls.model_fields if name.upper() in os.environ}
        )


class Retention(Environment):
    """Every function has it: whoever ends a post says until when it is kept."""

    post_retention_days: int = 0


class UsesProviders(Environment):
    enable_sandbox: bool = False
    allow_private_networks: bool = False
    api_versions: str = ""
    """`provider=version`, with commas between."""


class ServesMedia(Environment):
    """Through CloudFront where a domain is set, else by addresses that the role signs."""

    media_bucket: str
    media_reader_role: str
    media_domain: str = ""
    media_key_id: str = ""
    media_key_parameter: str = ""


class LimitsMedia(Environment):
    """Of a workspace; 0: no limit."""

    media_gigabytes_per_workspace: int
    media_files_per_day: int


class KnowsGrantsKey(Environment):
    grants_key: str
    retired_grants_keys: str = ""
    """ARNs with commas between them: what they sealed is still opened, and nothing is sealed under them."""


class HoldsGrants(UsesProviders, KnowsGrantsKey):
    work_table: str
    grants_table: str
    expiry_warning_days: int = 7
