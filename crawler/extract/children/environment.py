"""What a child that reads pages is told of the environment: nothing that is secret.

Settings are variables, too (`KLIPING_ALERTS__SECRET`), and keys of object stores are: a
page that broke out of a parser would find them.
"""

from collections.abc import Mapping

#: Where programs, the cache folder and libraries are.
_NAMES = frozenset(
    [
        "PATH",
        "HOME",
        "CACHE_DIRECTORY",
        "XDG_CACHE_HOME",
        "TMPDIR",
        "LANG",
        "LANGUAGE",
        "TZ",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
    ]
)
#: Of the locale; `PYTHONPATH` and its like go as well.
_LOCALE = "LC_"
#: Numpy starts a thread for each core when it is loaded; its tables here are small.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


def child_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a child gets of ours."""
    told = {
        name: value
        for name, value in variables.items()
        if name in _NAMES
        or name.startswith(_LOCALE)
        or (name.startswith("PYTHON") and name.isalnum())
    }
    return told | _ONE_THREAD
