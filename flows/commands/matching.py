"""Commands on matching itself: dedupe, evaluate, explain, cases."""

from flows.options import CasesOptions, DedupeOptions, EvaluateOptions, ExplainOptions


def dedupe(options: DedupeOptions) -> int:
    """Find the records of one person or company in files. Needs no project, no settings, no server.

    Columns are recognised by header and content, Japanese and English. The result has the columns source (file
    name), record_id, cluster_id and match_probability, one row for each row read.
    """
    from flows.commands.dedupe import dedupe_files

    return dedupe_files(options)


def evaluate(options: EvaluateOptions) -> int:
    """Compare the current links with labels: precision, recall and F1, by pairs and by records (B-cubed)."""
    from flows.commands.evaluate import evaluate_truth

    return evaluate_truth(options)


def explain(options: ExplainOptions) -> int:
    """Show why a profile is as it is (which records, which values), or why two records are linked, or are not.

    The evidence on two records is a waterfall in bits: +1 bit doubles the odds that the two are one person.
    """
    from flows.commands.explain import explain_ids

    return explain_ids(options)


def cases(options: CasesOptions) -> int:
    """Run a table of expectations against the model: unit tests for a matching policy. Needs no project, no server.

    A row has two values (or two whole records, `name=...; tel=...`) of a kind (person, company, address, phone, email,
    date, postal) and the expected verdict: same, different or review. The result adds the verdict and the match
    weight, bits. Exit codes: 0 all as expected; 1 some differ; 2 the table or the model cannot be used.
    """
    from flows.commands.cases import run_table

    return run_table(options)


COMMANDS = (dedupe, evaluate, explain, cases)
