"""`make media-key`: the key pair that signs the addresses of media, for the parameter ServeMedia. Before the deploy.

The private half goes into a SecureString that the publisher alone reads, the public one where the template takes it
from. A stack has one pair; to change it, delete both parameters, make a new one and deploy.
"""

import argparse
from typing import Any

from botocore.exceptions import ClientError

from local.addressing import named, reaching_aws
from local.problems import LocalError, exit_on_problem
from punctual.media.addresses import new_key_pair


@exit_on_problem
def main() -> None:
    parser = argparse.ArgumentParser(prog="local.media_key")
    parser.add_argument("--env", required=True)
    parser.add_argument("--stack", default="")
    given = parser.parse_args()
    with reaching_aws():
        stack = named(given.env, given.stack)
        print(made(stack.client("ssm"), stack.name))


def made(ssm: Any, stack_name: str) -> str:
    """The private half last, and never over another: what the template already trusts stays what signs."""
    path = f"/punctual/{stack_name}"
    pair = new_key_pair()
    try:
        _put(ssm, f"{path}/media-public-key", pair.public, "String")
        _put(ssm, f"{path}/media-key", pair.private.get_secret_value(), "SecureString")
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ParameterAlreadyExists":
            raise LocalError(
                f"There is a key already. To change it, delete the parameters {path}/media-key and "
                f"{path}/media-public-key first."
            ) from None
        raise LocalError(f"Parameter Store answered {code}; delete what is there of {path}/media-… first.") from None
    return f"Set: {path}/media-key and {path}/media-public-key. Deploy with ServeMedia=true."


def _put(ssm: Any, name: str, value: str, kind: str) -> None:
    ssm.put_parameter(Name=name, Value=value, Type=kind, Overwrite=False)


if __name__ == "__main__":
    main()
