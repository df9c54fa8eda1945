"""`kliping config`: check the settings, or show them with all defaults."""

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_text, tell

app = typer.Typer(help="Check the settings, or show them.", no_args_is_help=True)


@app.command("check")
def check(ctx: typer.Context) -> None:
    """Check config.yaml and the environment; list every problem.

    A list that two sources name is no problem, but told: only the first gets its news.
    """
    from crawler.config.file import find_config, load_config
    from crawler.sources.watching import shared_lists

    path = find_config(invocation_of(ctx).config)
    config = load_config(path)
    for why in shared_lists(config.sources):
        tell(f"kliping: {why}")
    print_text(f"{path}: good, {len(config.sources)} sources")


@app.command("show")
def show(ctx: typer.Context) -> None:
    """Print the settings in force as YAML, without secrets: file, environment, defaults."""
    import yaml

    from crawler.config.keys import masked

    config = invocation_of(ctx).settings()
    values = masked(config.model_dump(mode="json"))
    print_text(yaml.safe_dump(values, allow_unicode=True, sort_keys=False).rstrip())
