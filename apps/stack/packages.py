"""Find the programs in the packages of ``requirements/embedded.txt``."""

from importlib.util import find_spec
from pathlib import Path

from apps.stack.errors import StackError


def find_program(package: str, pattern: str) -> Path:
    """Return the program of a package by a glob pattern below the package's folder.

    The package is located but not imported: importing some of them starts their own server managers.

    Raises:
        StackError: The package, or its program for this kind of machine, is not installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise StackError(f"{package} is not installed: pip install -r requirements/embedded.txt")
    found = next(Path(spec.origin).parent.glob(pattern), None)
    if found is None:
        raise StackError(f"{package} has no {Path(pattern).name} for this machine: install {package} again")
    return found
