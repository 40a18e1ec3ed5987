"""`make openapi`"""

from local.openapi.document import FILE, text
from local.problems import exit_on_problem


@exit_on_problem
def main() -> None:
    FILE.write_text(text())


if __name__ == "__main__":
    main()
