"""Plain sets as Parquet files that are made once: `python -m generator.plain_file FOLDER RECORDS SEED` in tests/bench."""

import sys
from pathlib import Path

from generator.plain import plain_blocks
from generator.write import write_blocks


def plain_file(folder: Path, records: int, seed: int) -> Path:
    """Return the file of a plain set in a folder, made block by block if it is not there."""
    path = folder / f"plain_{records}_{seed}.parquet"
    if not path.exists():
        parts = folder / f"{path.stem}.part"
        write_blocks(({"plain": block} for block in plain_blocks(records, seed)), parts, "parquet")
        (parts / "plain.parquet").rename(path)
        parts.rmdir()
    return path


if __name__ == "__main__":
    print(plain_file(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
