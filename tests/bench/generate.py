"""Write a world of made-up customers to a folder: `python tests/bench/generate.py --people 5000 --seed 1 --out DIR`.

Files: sales (Salesforce Contact), sales_tasks (Task), marketing (HubSpot contact), marketing_engagements, marketing_feedback,
support_users and support_tickets (Zendesk), and truth: source, source_id, person_id, household_id, kind, noise.
A person has 2.15 records on average. The same arguments give the same bytes.
"""

import argparse
import time
from pathlib import Path

from generator.world import Settings, make_blocks
from generator.write import write_blocks


def main() -> None:
    """Read the arguments, write the files, print the row counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=5000, help="people in the world (10 M records need 4.7 M)")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another world")
    parser.add_argument("--locale", choices=("mixed", "ja", "en"), default="mixed", help="mixed is half and half")
    parser.add_argument("--noise", type=float, default=1.0, help="how often things go wrong, times the usual")
    parser.add_argument("--repeats", type=float, default=1.0, help="second records inside a source, times the usual")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    given = parser.parse_args()
    started = time.perf_counter()
    settings = Settings(given.people, given.seed, given.locale, given.noise, given.repeats)
    for name, rows in write_blocks(make_blocks(settings), given.out, given.format).items():
        print(f"{name:<24}{rows:>12,}")
    print(f"{time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
