"""Companies: a few large, many small, each with a switchboard, an office, a domain and a way to name its mailboxes."""

from dataclasses import dataclass

import numpy as np

from generator.draw import Bools, Draw, Ints, Texts, texts
from generator.lists import families, word_rows
from generator.phones import landlines
from generator.places import pick_places

_FORMS_JA = ("株式会社", "株式会社", "株式会社", "株式会社", "有限会社", "合同会社")
_FORMS_EN = ("Inc.", "Inc.", "LLC", "Ltd", "Corporation", "Co.")
_SHORT = {
    "株式会社": ("㈱", "(株)", "（株）"),
    "有限会社": ("㈲", "(有)", "（有）"),
    "合同会社": ("(同)", "合同会社", "（同）"),
}
_LONG = {"Inc.": ("Inc", "Incorporated", ", Inc."), "LLC": ("L.L.C.", "LLC", ", LLC"), "Ltd": ("Limited", "Ltd.", "Ltd"),
         "Corporation": ("Corp", "Corp.", "Corporation"), "Co.": ("Company", "Co", "& Co.")}  # fmt: skip


@dataclass(frozen=True)
class Companies:
    """One row per company."""

    japan: Bools
    core: Texts
    form: Texts
    leads: Bools  # the legal form stands before the name
    domain: Texts
    switchboard: Texts
    place: Ints
    pattern: Ints  # how mailboxes are named, see mailboxes.work_mails
    size: np.ndarray  # weight when employees are drawn

    def __len__(self) -> int:
        return len(self.core)


def make_companies(draw: Draw, japan: Bools, first_number: int) -> Companies:
    """Return one company per flag (True = Japanese); numbers keep domains apart where names repeat."""
    n = len(japan)
    place = pick_places(draw, japan)
    first, second, style = draw.unit(n), draw.unit(n), draw.unit(n)
    names = [_name(bool(japan[i]), first[i], second[i], style[i]) for i in range(n)]
    seen: set[str] = set()
    domains = []
    for i, (_, slug) in enumerate(names):
        mark = slug if first_number == 0 and slug not in seen else f"{slug}-{first_number + i}"
        seen.add(slug)
        domains.append(f"{mark}.example.jp" if japan[i] else f"{mark}.example.com")
    return Companies(
        japan,
        texts([core for core, _ in names]),
        np.where(japan, draw.of(_FORMS_JA, n), draw.of(_FORMS_EN, n)),
        draw.chance(0.55, n),
        texts(domains),
        landlines(draw, place),
        place,
        draw.whole(0, 4, n),
        1.0 / (0.02 + draw.unit(n)) ** 1.1,
    )


def _name(japan: bool, first: float, second: float, style: float) -> tuple[str, str]:
    """Return the core of a company name and its domain slug."""
    tongue = "ja" if japan else "en"
    heads, industries = word_rows(f"company_{tongue}"), word_rows(f"industry_{tongue}")
    industry = industries[int(second * len(industries))]
    if style < 0.3:  # named after a founder
        names = families(tongue)
        at = int(first * 120)
        head = names.names[at]
        if japan:
            return f"{head}{industry['text']}", f"f{at}-{industry['latin']}"
        slug = "".join(c for c in head.lower() if c.isascii() and c.isalpha())
        return f"{head} {industry['text']}", f"{slug}-{industry['text'].lower()}"
    row = heads[int(first * len(heads))]
    if japan:
        return row["text"] + industry["text"], f"{row['latin']}-{industry['latin']}"
    return f"{row['text']} {industry['text']}", f"{row['text']}-{industry['text']}".lower()


def write_companies(draw: Draw, companies: Companies, rows: Ints) -> Texts:
    """Return company names as people type them: legal form in full, short, or left out; -1 = no company."""
    style = draw.unit(len(rows))
    return texts([None if at < 0 else _written(companies, int(at), float(style[i])) for i, at in enumerate(rows)])


def _written(companies: Companies, at: int, style: float) -> str:
    """Return one company's name in the notation that `style` (0..1) selects."""
    core, form = companies.core[at], companies.form[at]
    if style < 0.12:
        return str(core)
    if not companies.japan[at]:
        if style < 0.2:
            return f"{core} {form}".upper()
        shown = form if style < 0.7 else _LONG[form][int(style * 60) % 3]
        return f"{core}{shown}" if shown.startswith(",") else f"{core} {shown}"
    shown = form if style < 0.65 else _SHORT[form][int(style * 60) % 3]
    gap = "　" if style > 0.93 else ""
    return f"{shown}{gap}{core}" if companies.leads[at] else f"{core}{gap}{shown}"
