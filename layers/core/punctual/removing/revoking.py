"""Ending a workspace's grants at their platforms: as best it can, some rounds long, and then without them."""

import logging

from botocore.exceptions import BotoCoreError, ClientError

from punctual.grants.grants import GrantMoved, Grants, StoredGrant
from punctual.providers import Providers, UnknownProvider
from punctual.providers.outcomes import ProviderError, Reconnect
from punctual.removals import Removals
from punctual.sealing import SealBroken

log = logging.getLogger(__name__)

TRIES = 3
"""One a round, minutes apart."""


class Revoking:
    def __init__(self, grants: Grants, providers: Providers, removals: Removals):
        self._grants = grants
        self._providers = providers
        self._removals = removals

    def end(self, workspace_id: str, grant_id: str) -> None:
        """Under the grant's lease: a refresh at the same moment would leave us with tokens that still work.

        What a platform does not confirm is left for the next round, a few times.
        """
        stored = self._grants.get(grant_id)
        if stored is None:
            return
        try:
            if stored.dead or self._is_over(workspace_id, self._grants.lease(stored)):
                self._grants.forget(grant_id)
        except GrantMoved:
            log.info("in use, left for later", extra={"grant_id": grant_id})

    def _is_over(self, workspace_id: str, leased: StoredGrant) -> bool:
        """Whether it ended, or was tried often enough."""
        code = self._revoke(leased)
        if code is None:
            return True
        log.warning("not revoked", extra={"workspace_id": workspace_id, "provider": leased.provider, "code": code})
        if self._grants.note_unrevoked(leased) < TRIES:
            return False
        self._removals.note_unrevoked(workspace_id)
        return True

    def _revoke(self, leased: StoredGrant) -> str | None:
        """Why the grant may go on working at its platform; None: it does not."""
        try:
            provider = self._providers.get(leased.provider)
            if provider.spec.revoking_ends_login and not self._grants.is_last_of_login(leased):
                return None  # what is forgotten here goes on for others, and ends with the last of them
            provider.revoke(*self._grants.open(leased))
        except Reconnect:
            return None
        except ProviderError as error:
            return error.code
        except UnknownProvider:
            return "unknown_provider"
        except SealBroken:
            return "seal_broken"
        except (ClientError, BotoCoreError) as error:
            return type(error).__name__
        return None
