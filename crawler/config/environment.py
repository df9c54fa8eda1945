"""Read settings from environment variables, as pydantic-settings does."""

from collections.abc import Mapping
from typing import Any

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from crawler.config.tree import Config


class _Settings(Config, BaseSettings):
    """The same tree, as pydantic-settings needs it to read variables."""

    model_config = SettingsConfigDict(env_nested_delimiter="__", extra="ignore")


class _Environment(EnvSettingsSource):
    def __init__(self, variables: Mapping[str, str], prefix: str) -> None:
        self._given = {k.lower(): v for k, v in variables.items()}
        super().__init__(_Settings, env_prefix=prefix)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._given


def read_variables(variables: Mapping[str, str], prefix: str) -> Mapping[str, Any]:
    """Return what variables say, as a tree of settings; nothing is checked yet.

    Raises:
        ValueError: A list or a mapping is not JSON.
    """
    return _Environment(variables, prefix)()
