"""The same deployment as the API's own tests have."""

from tests.integration.api.conftest import deployed, tenant

__all__ = ["deployed", "tenant"]
