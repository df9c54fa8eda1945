"""Options that take no value are shown without one in every command's help."""

from collections.abc import Sequence
from typing import Any


def show_as_flags(parameters: Sequence[Any]) -> None:
    """Leave out what typer says of the types of parameters that are flags."""
    for parameter in parameters:
        if getattr(parameter, "is_flag", False) or getattr(parameter, "count", False):
            parameter.metavar = ""
            parameter.show_default = False


def show_all_as_flags(command: Any, above: Any) -> None:  # noqa: ANN401  # typer's own
    """Do so for a command and those below it.

    Args:
        command: The command.
        above: The context it is called in, which says how help is asked for.
    """
    context = command.context_class(command, info_name=command.name, parent=above)
    show_as_flags(command.get_params(context))
    for below in getattr(command, "commands", {}).values():
        show_all_as_flags(below, context)
