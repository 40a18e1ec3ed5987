"""What the admin function can be asked to do, told apart by `action`."""

from datetime import timedelta
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from punctual.api_keys import Scope
from punctual.issuing_keys import OVERLAP

Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Action(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CreateWorkspace(_Action):
    action: Literal["create_workspace"]
    name: Name
    return_urls: tuple[Annotated[str, Field(pattern="^https?://[^/]")], ...] = ()


class _OfWorkspace(_Action):
    workspace_id: str


class CreateKey(_OfWorkspace):
    action: Literal["create_key"]
    name: Name = "key"
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)] = ("read", "write")
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """None: it works until it is revoked."""


class ListKeys(_OfWorkspace):
    action: Literal["list_keys"]


class RevokeKey(_OfWorkspace):
    action: Literal["revoke_key"]
    key_id: str


class RotateKey(_OfWorkspace):
    """`overlap_hours`: how long the old key still works; 0: it ends now."""

    action: Literal["rotate_key"]
    key_id: str
    overlap_hours: Annotated[int, Field(ge=0, le=24 * 90)] = OVERLAP // timedelta(hours=1)


class PauseWorkspace(_OfWorkspace):
    action: Literal["pause_workspace"]


class ResumeWorkspace(_OfWorkspace):
    action: Literal["resume_workspace"]


class DeleteWorkspace(_OfWorkspace):
    """Again: it goes on, if it stopped."""

    action: Literal["delete_workspace"]
    confirm: str
    """The workspace's id once more: there is no way back."""

    @model_validator(mode="after")
    def _meant(self) -> Self:
        if self.confirm != self.workspace_id:
            raise ValueError("confirm must repeat workspace_id")
        return self


class PauseStack(_Action):
    action: Literal["pause_stack"]


class ResumeStack(_Action):
    """Also the consent to go on after a restore from a backup."""

    action: Literal["resume_stack"]


class StackState(_Action):
    action: Literal["stack_state"]


OfWorkspace: TypeAlias = (
    CreateKey | ListKeys | RevokeKey | RotateKey | PauseWorkspace | ResumeWorkspace | DeleteWorkspace
)
OfStack: TypeAlias = CreateWorkspace | PauseStack | ResumeStack | StackState
Action: TypeAlias = OfWorkspace | OfStack
ACTIONS: TypeAdapter[Action] = TypeAdapter(Annotated[Action, Field(discriminator="action")])
