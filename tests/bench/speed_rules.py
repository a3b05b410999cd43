"""What both engines are told: seven fields with their levels, and two lists of blocking rules.

Plain data and the standard library only, because Splink runs in an environment of its own.
"""

from pathlib import Path

# field: kind of comparison, thresholds, whether frequencies count
FIELDS = {
    "first_name": ("similar", (0.92, 0.8), True),
    "surname": ("similar", (0.92, 0.8), True),
    "dob": ("edits", (1, 2), False),
    "postcode": ("edits", (1, 2), False),
    "phone": ("edits", (1, 2), False),
    "city": ("exact", (), True),
    "email": ("similar", (0.92, 0.8), False),
}
TIGHT = (
    ("email",),
    ("phone",),
    ("surname", "dob"),
    ("first_name", "dob"),
    ("surname", "postcode"),
    ("first_name", "surname", "city"),
)
LOOSE = (*TIGHT, ("surname", "city"), ("dob",))
RULES = {"tight": TIGHT, "loose": LOOSE}
LINK = 0.9  # probability from which a pair is linked, in both


def peak_gb() -> float:
    """Return the peak memory of this process, GB; what rusage tells starts from the size of the parent."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1e6
