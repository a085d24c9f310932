"""How many different pairs there are: each unit once for each objective that it has to offer."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

from training.batches import Group, load_groups
from training.pairs import objectives_of


def count(data: Path) -> Counter[str]:
    """Pairs by objective; each package's number goes into `data/manifest.jsonl`."""
    by_objective: Counter[str] = Counter()
    by_package: Counter[str] = Counter()
    for group in load_groups(data):
        found = _pairs(group)
        by_objective += found
        by_package[group.package] += found.total()
    path = data / "manifest.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row["pairs"] = by_package[f"{row['registry']}+{row['package'].replace('/', '+')}"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return by_objective


def _pairs(group: Group) -> Counter[str]:
    chance = random.Random(0)
    counts = Counter(one.objective for one in group.related)
    counts.update(about.source for file in group.files for about in file.about)
    for unit in (*group.documented, *group.bare):
        counts.update(name for name, objective, _ in objectives_of(unit) if objective(unit, chance))
    return counts
