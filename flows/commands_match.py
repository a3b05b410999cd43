"""Commands on matching itself: dedupe, evaluate."""

from flows.options import DedupeOptions, EvaluateOptions


def dedupe(options: DedupeOptions) -> int:
    """Find the records of one person or company in files. Needs no project, no settings, no server.

    Columns are recognised by header and content, Japanese and English. The result has the columns source (file
    name), record_id, cluster_id and match_probability, one row for each row read.
    """
    from flows.dedupe import dedupe_files

    return dedupe_files(options)


def evaluate(options: EvaluateOptions) -> int:
    """Compare the current links with labels: precision, recall and F1, by pairs and by records (B-cubed)."""
    from flows.evaluate import evaluate_truth

    return evaluate_truth(options)


COMMANDS = (dedupe, evaluate)
