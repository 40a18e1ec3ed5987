"""Rows of the grants' table that lead from who logged in to what they consented to, in every workspace."""

import hashlib

from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.tables import Item, Table


def row(provider_id: str, login_id: str, workspace_id: str, grant_id: str) -> Item:
    return {"pk": _pk(provider_id, login_id), "sk": grant_id, "workspace_id": workspace_id}


def grant_ids(table: Table, provider_id: str, login_id: str) -> list[str]:
    """Some may be gone."""
    return [found["sk"] for found in table.every(KeyCondition("pk").eq(_pk(provider_id, login_id)))]


def others(table: Table, login: str | None, grant_id: str) -> list[str]:
    """Grants of the same login, by what a grant has of it; some may be gone."""
    rows = table.every(KeyCondition("pk").eq(login)) if login else ()
    return [found["sk"] for found in rows if found["sk"] != grant_id]


def _pk(provider_id: str, login_id: str) -> str:
    """Hashed: platforms' ids may be of any length, and need not be read here."""
    return f"login#{provider_id}#{hashlib.sha256(login_id.encode()).hexdigest()}"
