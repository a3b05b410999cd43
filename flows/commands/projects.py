"""Commands that set up and look at a project: init, check, status, runs."""

from flows.options import Configured, InitOptions, RunsOptions, StatusOptions


def init(options: InitOptions) -> int:
    """Write a commented meibo.yaml and model.yaml to start from. Existing files are never overwritten."""
    from flows.commands.init import init_project

    return init_project(options.folder, options.source or (), as_json=options.json)


def check(options: Configured) -> int:
    """Validate the settings, reach every source and the warehouse, and print what would be read. Writes nothing.

    Exit codes: 0 ready; 1 the warehouse cannot be used; 2 configuration; 4 some source cannot be read.
    """
    from flows.commands.check import check_project

    return check_project(options.config, as_json=options.json)


def status(options: StatusOptions) -> int:
    """Show the last runs, how far each source was read, where every row ended, and the counts of the tables."""
    from flows.commands.status import show_status

    return show_status(options.config, options.runs, as_json=options.json)


def runs(options: RunsOptions) -> int:
    """List the runs, show one of them in detail, or write its report as a page that stands alone.

    The page has counts, gates, weights and sizes, and golden IDs of merges and splits; no personal values.
    """
    from flows.reports.runs import show_runs

    return show_runs(options)


COMMANDS = (init, check, status, runs)
