"""People's tokens outlive what they open: nobody here can revoke one, and a workspace may be gone before it expires."""

from functools import cache

from edge import clients
from edge.environment import Environment
from edge.http import Caller
from punctual import clock
from punctual.problems import Conflict, Forbidden
from punctual.workspaces import Workspaces

_MAY_BE_REPEATED = "delete_workspace"


class WorkEnvironment(Environment):
    work_table: str


@cache
def workspaces() -> Workspaces:
    return Workspaces(clients.table(WorkEnvironment.read().work_table), clock.now)


def check(caller: Caller, *, scope: str, operation: str) -> None:
    """That the workspace is there, and, for whoever would write, that it is not being deleted. Raises Problem."""
    if not caller.is_person:
        return
    workspace = workspaces().get(caller.workspace_id)
    if workspace is None:
        raise Forbidden("unknown_workspace", "The workspace that this token names does not exist here.")
    if workspace.deleting_at and scope != "read" and operation != _MAY_BE_REPEATED:
        raise Conflict("workspace_deleting", "This workspace is being deleted; nothing is written to it any more.")
