"""Read config.yaml: every problem at once, each with file, line and key.

The file is one layer; environment variables lie over it: `KLIPING_` and the keys
joined by two underscores, as in `KLIPING_STORAGE__FOLDER=/data`. Lists and
mappings are written as JSON there.
"""

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from crawler.config.tree import Config
from crawler.errors import ConfigError
from crawler.faults import words_in_yaml
from crawler.redaction import REDACTED, is_secret, redacted

PREFIX = "KLIPING_"
#: Variables of ours that are not settings.
_NOT_SETTINGS = frozenset({"KLIPING_CONFIG", "KLIPING_FAILPOINT", "KLIPING_SHARED"})
#: The C one takes a twentieth of the time; not every build of PyYAML has it.
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_BYTES = 16 * 1024**2
Lines = dict[tuple[str | int, ...], int]


def find_config(named: Path | None) -> Path:
    """Return the file to read: the one named, ./config.yaml, or the shipped one.

    Raises:
        ConfigError: a file was named that does not exist, or a folder.
    """
    named = named or (Path(v) if (v := os.environ.get("KLIPING_CONFIG")) else None)
    if named is not None:
        if named.is_dir():
            raise ConfigError([f"{named}: a folder; name the file in it"])
        if not named.is_file():
            raise ConfigError([f"{named}: no such file"])
        return named
    here = Path("config.yaml")
    package = Path(__file__).parents[1]
    shipped = (package / "default_config.yaml", package.parent / "config.yaml")
    return next((p for p in (here, *shipped) if p.is_file()), shipped[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Settings as they were read.

    Attributes:
        path: The file.
        config: What it and the environment say.
        given: By key, joined by dots, whether `file` or `environment` gave a value.
    """

    path: Path
    config: Config
    given: Mapping[str, str]

    def again(self) -> "Loaded":
        """Return the settings as the file has them now.

        Raises:
            ConfigError: with every problem found, one line each; or the file says
                nothing any more: it is being written, or the disk was full.
        """
        now = load(self.path)
        if _says(self) and not _says(now):
            raise ConfigError([f"{self.path}: is empty now; all that it said would go"])
        return now


def load_config(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read and check a configuration file with its environment overrides.

    Raises:
        ConfigError: with every problem found, one line each.
    """
    return load(path, environment).config


def load(path: Path, environment: Mapping[str, str] | None = None) -> Loaded:
    """Return the same with where each value came from.

    Raises:
        ConfigError: with every problem found, one line each.
    """
    env = os.environ if environment is None else environment
    values, lines = _read_yaml(path)
    unknown = dict(_unknown_variables(env))
    problems = list(unknown.values())
    ours = {k: v for k, v in env.items() if v and k not in unknown and _is_setting(k)}
    try:
        over = _variables(ours)
        config = Config.model_validate(_over(over, values))
    except ValidationError as error:
        problems += _problems(error, path, lines, ours)
    except (ValueError, TypeError) as error:
        problems.append(
            f"environment: {error}; lists and mappings are written as JSON, "
            """as in KLIPING_POLICY__ALLOW_NETWORKS='["10.0.0.0/8"]'"""
        )
    if problems:
        raise ConfigError(problems)
    given = dict.fromkeys(_leaves(values), "file")
    given |= dict.fromkeys(_leaves(over), "environment")
    return Loaded(path=path.absolute(), config=config, given=given)


def _says(loaded: Loaded) -> bool:
    return "file" in loaded.given.values()


def _leaves(values: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Yield the keys of values that are no mappings; a list is one value."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{at}{name}.")
        else:
            yield f"{at}{name}"


def _is_setting(variable: str) -> bool:
    return variable.upper().startswith(PREFIX) and variable not in _NOT_SETTINGS


def _variables(ours: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what variables say as a tree; most processes have none, and load nothing."""
    if not ours:
        return {}
    from crawler.config.environment import read_variables

    return read_variables(ours, PREFIX)


def _over(top: Mapping[str, Any], bottom: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(bottom)
    for key, value in top.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = _over(value, below) if both else value  # type: ignore[arg-type]
    return merged


def _unknown_variables(env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted(env):
        if not _is_setting(name):
            continue
        model: type[BaseModel] | None = Config
        for part in name.lower().removeprefix(PREFIX.lower()).split("__"):
            fields = model.model_fields if model else {}
            if part not in fields:
                hint = _joined_twice(name) or _nearest(part, fields)
                yield name, f"environment: {name}: unknown setting{hint}"
                break
            model = _model_in(fields[part].annotation)


def _joined_twice(name: str) -> str:
    """Return the hint for a variable whose keys are joined by one underscore."""
    first, _, rest = name.lower().removeprefix(PREFIX.lower()).partition("_")
    field = Config.model_fields.get(first)
    inner = _model_in(field.annotation) if field else None
    if inner is None or rest not in inner.model_fields:
        return ""
    return f'; did you mean "{PREFIX}{first.upper()}__{rest.upper()}"?'


# ---- YAML with line numbers -------------------------------------------------


def _why_no_yaml(text: bytes, error: yaml.YAMLError) -> str:
    """Return at which line a file is no YAML, and why, for who does not know YAML."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text[: error.position].count(b"\n") + 1
        return f":{line}: not valid YAML: {_why_no_text(text)}"
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return f": not valid YAML: {error}"
    why = getattr(error, "problem", None) or str(error)
    written = b"".join(text.splitlines()[mark.line : mark.line + 1])
    if b"\t" in written[: len(written) - len(written.lstrip())]:
        why = "a tab at the beginning; YAML is indented by blanks alone"
    return f":{mark.line + 1}: not valid YAML: {why}"


def _why_no_text(text: bytes) -> str:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return "not UTF-8; save the file in that encoding"
    return "a control character"


def _read_yaml(path: Path) -> tuple[dict[str, Any], Lines]:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from error
    if len(text) > MAX_BYTES:
        raise ConfigError([f"{path}: larger than {MAX_BYTES} bytes"])
    try:
        if any(
            isinstance(event, yaml.AliasEvent)
            for event in yaml.parse(text, Loader=_Loader)
        ):
            raise ConfigError(
                [f"{path}: aliases (*name) are not supported; use groups"]
            )
        root = yaml.compose(text, Loader=_Loader)
        values = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe one
    except yaml.YAMLError as error:
        raise ConfigError([f"{path}{_why_no_yaml(text, error)}"]) from error
    if values is None:
        return {}, {}
    if not isinstance(values, dict) or root is None:
        raise ConfigError([f"{path}:1: the file must be a mapping of settings"])
    lines: Lines = {}
    twice = list(_note_lines(root, (), lines))
    if twice:
        raise ConfigError([f"{path}:{line}: {key} stands twice" for key, line in twice])
    return values, lines


def _note_lines(
    node: yaml.Node, at: tuple[str | int, ...], lines: Lines
) -> Iterator[tuple[str, int]]:
    """Note the line of every key; yield keys that stand twice."""
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, str(key.value))
            if here in lines:
                yield _dotted(here), key.start_mark.line + 1
            lines[here] = key.start_mark.line + 1
            yield from _note_lines(value, here, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _note_lines(value, (*at, index), lines)


# ---- problems in people's words -----------------------------------------------


def _problems(
    error: ValidationError, path: Path, lines: Lines, env: Mapping[str, str]
) -> Iterator[str]:
    found = error.errors()
    for problem in found:
        loc = tuple(problem["loc"])
        if _follows(problem, found):
            continue
        if not loc:  # our own checks across keys name their place themselves
            for text in str(problem["ctx"]["error"]).split("\n"):
                yield _place(path, lines, text)
            continue
        words = _words(problem, loc)
        if variable := _variable(loc, env):
            yield f"environment: {variable}: {words}"
            continue
        loc = _as_written(loc, lines)
        near = next((loc[:n] for n in range(len(loc), 0, -1) if loc[:n] in lines), ())
        shown = loc if problem["type"] == "missing" else near or loc
        yield f"{path}:{lines.get(near, 1)}: {_dotted(shown)}: {words}"


def _follows(problem: Any, found: Sequence[Any]) -> bool:  # noqa: ANN401
    """Tell whether a list is too short only for what is wrong in it, which is told."""
    place = problem["loc"]
    return problem["type"] == "too_short" and any(
        one["loc"][: len(place)] == place and one is not problem for one in found
    )


def _as_written(loc: tuple[str | int, ...], lines: Lines) -> tuple[str | int, ...]:
    """Return a place as the file has it, where a lone mapping is a list of one."""
    for n, part in enumerate(loc):
        shorter = (*loc[:n], *loc[n + 1 :])
        if part == 0 and loc[: n + 1] not in lines and loc[:n] in lines:
            return shorter
    return loc


def _variable(loc: tuple[str | int, ...], env: Mapping[str, str]) -> str | None:
    """Return the variable that gave the value at a place, if one did."""
    names = (
        PREFIX + "__".join(str(part) for part in loc[:n]).upper()
        for n in range(len(loc), 0, -1)
    )
    return next((name for name in names if name in env), None)


def _place(path: Path, lines: Lines, text: str) -> str:
    dotted = text.split(":", 1)[0]
    loc = tuple(int(p) if p.isdigit() else p for p in dotted.split("."))
    return f"{path}:{lines.get(loc, 1)}: {text}"


def _words(problem: Any, loc: tuple[str | int, ...]) -> str:  # noqa: ANN401
    match problem["type"]:
        case "extra_forbidden":
            nearest = _nearest(str(loc[-1]), _keys_at(loc[:-1]))
            return f"unknown key{_sections_with(loc) or nearest}"
        case "missing":
            return "is required"
        case "value_error":
            return words_in_yaml(problem)
        case _:
            return f"{words_in_yaml(problem)} (got {_given(problem['input'], loc)!r})"


def _given(value: object, loc: tuple[str | int, ...]) -> object:
    """Return a value as it may be shown: a log is no place for secrets."""
    is_hidden = any(is_secret(str(part)) for part in loc)
    return REDACTED if is_hidden else redacted(value)


def _sections_with(loc: tuple[str | int, ...]) -> str:
    """Tell which sections know a key that was written in another, or in none."""
    if any(isinstance(part, int) for part in loc):
        return ""  # of one of many: a source, a channel
    known = [name for name in Config.model_fields if loc[-1] in _keys_at((name,))]
    return f" here; it is one of {' and '.join(known)}" if known else ""


def _nearest(key: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; known here: {', '.join(known)}" if known else ""


def _keys_at(loc: tuple[str | int, ...]) -> Mapping[str, object]:
    model: type[BaseModel] | None = Config
    for part in loc:
        if model is None:
            return {}
        if part in model.model_fields:
            inner = model.model_fields[str(part)].annotation
            model = _model_in(inner)
    return model.model_fields if model else {}


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401
    """Find the settings class inside an annotation such as `tuple[Source, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(inner) for inner in get_args(annotation))
    return next((model for model in found if model), None)


def _dotted(loc: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in loc)
