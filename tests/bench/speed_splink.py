"""One run of Splink on the plain set, in its own environment: `python speed_splink.py DATA.parquet OUT.parquet tight|loose`.

Prints one JSON object: seconds of imports, of the work and of its stages, CPU seconds, peak memory, pairs at the threshold.
Settings as its documentation advises: term frequencies, u from random pairs, EM on two rules.
"""

import json
import resource
import sys
import time

from speed_rules import FIELDS, LINK, RULES, peak_gb


def main() -> None:
    """Read, train, predict, cluster, write."""
    data, out, mode = sys.argv[1:4]
    begun = time.perf_counter()
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    imported = time.perf_counter()
    makers = {"similar": cl.JaroWinklerAtThresholds, "edits": cl.LevenshteinAtThresholds}
    comparisons = [
        (cl.ExactMatch(name) if kind == "exact" else makers[kind](name, list(cuts))).configure(
            term_frequency_adjustments=tf
        )
        for name, (kind, cuts, tf) in FIELDS.items()
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in RULES[mode]],
        retain_matching_columns=False,
    )
    api = DuckDBAPI()
    table = api._con.read_parquet(data)
    linker = Linker(api.register(table), settings, log_level="ERROR")
    read = time.perf_counter()
    linker.training.estimate_probability_two_random_records_match([block_on("email"), block_on("phone")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (("email",), ("first_name", "surname", "city")):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    trained = time.perf_counter()
    edges = linker.inference.predict(threshold_match_probability=LINK)
    predicted = time.perf_counter()
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(edges, threshold_match_probability=LINK)
    clusters = found.as_duckdbpyrelation().project("unique_id, cluster_id").to_arrow_table()
    ended = time.perf_counter()
    import pyarrow.parquet

    pyarrow.parquet.write_table(clusters, out)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "imports": imported - begun, "work": ended - imported, "read": read - imported, "train": trained - read,
        "pairs": predicted - trained, "cluster": ended - predicted, "cpu": usage.ru_utime + usage.ru_stime,
        "peak_gb": peak_gb(), "edges": edges.as_duckdbpyrelation().count("*").fetchall()[0][0],
    }))  # fmt: skip


if __name__ == "__main__":
    main()
