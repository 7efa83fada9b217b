"""Every number of the report beside this file, computed again from the export beside it, and compared.

    python analysis.py            # exit 1 where a number differs, which is then named
    python analysis.py --print    # every number by its id

It needs the package `readerstudy` (its parts `study` and `scoring`), of the version that numbers.json names, and
reads the folder `export` alone: no database and no network. numbers.json and report.html are not read but to compare.
"""

import json
import math
import sys
from pathlib import Path

from study.reporting.compose import SECTIONS  # each section states its numbers by id
from study.reporting.facts import facts  # scores, bootstrap, closed forms: scoring.measures, .bootstrap, .analysis
from study.reporting.parts import Report
from study.reporting.source import source  # the export's Parquet tables, as the analyst's rows

HERE = Path(__file__).resolve().parent

exported = source(HERE / "export")
known = facts(exported)  # graded answers, the plan's analysis, intervals
report = Report("", (), tuple(section(known) for section in SECTIONS))
computed = {one.id: one.value for one in report.numbers()}

if "--print" in sys.argv:
    for name, value in computed.items():
        print(f"{name}\t{value!r}")
    sys.exit(0)

told = json.loads((HERE / "numbers.json").read_text("utf-8"))["numbers"]
differ = sorted(
    name
    for name in told.keys() | computed.keys()
    if name not in told
    or name not in computed
    or not math.isclose(told[name]["value"], computed[name], rel_tol=1e-9, abs_tol=1e-12)
)
for name in differ:
    print(
        f"differs: {name}: the report says {told.get(name, {}).get('value')!r}, the export gives {computed.get(name)!r}"
    )
print(f"{len(computed)} numbers computed from the export of {exported.slug}; {len(differ)} differ from the report.")
sys.exit(1 if differ else 0)
