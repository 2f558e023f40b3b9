"""Ties a child process to us, so that it does not outlive a parent who was killed."""

import shutil
from collections.abc import Sequence
from os import PathLike
from typing import TypeAlias

Command: TypeAlias = Sequence[str | PathLike[str]]


def tethered(command: Command, farewell: str) -> list[str | PathLike[str]]:
    """The command, to which the kernel sends the signal `farewell` once the thread that started it is gone.

    Where there is no `setpriv` (it comes with Linux) the command is unchanged.
    """
    setpriv = shutil.which("setpriv")
    tie = [setpriv, "--pdeathsig", farewell, "--"] if setpriv else []
    return [*tie, *command]
