"""Commands that run the job: demo, nightly, backfill, serve, deploy, train."""

from flows.options import BackfillOptions, Configured, DemoOptions, DeployOptions, NightlyOptions, TrainOptions


def demo(options: DemoOptions) -> int:
    """Run the nightly flow on a sample project, and say where to look.

    Three sources of about 700 contacts each, Japanese and Western, with calls, campaigns and survey answers.
    Run it again: nothing changes.
    """
    from flows.commands.demo import run_demo

    return run_demo(options.folder, as_json=options.json, debug=options.debug)


def nightly(options: NightlyOptions) -> int:
    """Read what is new in every source, resolve identities, publish the golden profiles.

    Exit codes: 0 done, or nothing changed; 1 failed, the tables are as before; 2 configuration; 3 changes pending
    (--dry-run --detailed-exitcode); 4 done without some source; 75 another run holds the warehouse.
    """
    from flows.commands.launch import launch_nightly

    return launch_nightly(options)


def backfill(options: BackfillOptions) -> int:
    """Read a window of sources again, or all of them, and resolve what differs; golden IDs are kept.

    --rebuild resolves everything anew and reads no source, unless one or a window is named; with --dry-run it shows
    what that would change. Exit codes as of `meibo nightly`.
    """
    from flows.commands.launch_backfill import launch_backfill

    return launch_backfill(options)


def serve(options: Configured) -> int:
    """Serve `nightly`, on the schedule of meibo.yaml, and `backfill`, on your Prefect server, until it is stopped.

    Needs PREFECT_API_URL.
    """
    from flows.serve import serve_project

    return serve_project(options)


def deploy(options: DeployOptions) -> int:
    """Register `nightly`, with the schedule of meibo.yaml, and `backfill` on your Prefect server, for a worker to run.

    Needs PREFECT_API_URL and a work pool. Run it again after a change of the schedule.
    """
    from flows.deploy import deploy_project

    return deploy_project(options)


def train(options: TrainOptions) -> int:
    """Fit the model again to the contacts of the last run, store it for the next, and show what it would change.

    Needs no labels. Golden profiles change with the next `meibo nightly`, not before.
    """
    from flows.commands.learn import train_project

    return train_project(options)


COMMANDS = (demo, nightly, backfill, serve, deploy, train)
