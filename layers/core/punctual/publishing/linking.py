"""Where readers find what was published, for platforms that tell it by a call of its own."""

from dataclasses import replace
from datetime import timedelta

from punctual.providers.base import Published
from punctual.providers.outcomes import ProviderError
from punctual.publishing.job import Job

_FOR_THE_WRITES = timedelta(seconds=4)


def linked(job: Job, found: Published) -> Published:
    """It is recorded already, so that nothing but its address is lost here: worth one call, and no more."""
    spare = timedelta(seconds=job.provider.spec.call_seconds) + _FOR_THE_WRITES
    if found.url or job.fresh is None or job.tools.now() + spare > job.ends_at():
        return found
    try:
        return replace(found, url=job.provider.permalink(found, job.fresh.grant, job.channel.account))
    except ProviderError:
        return found
