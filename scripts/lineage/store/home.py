"""Where data/ and what is kept between runs lie: this repository, or what an installed wheel has unpacked."""

import os
from pathlib import Path

from lineage.store.bundled_record import HOME_VARIABLE

HOME = Path(os.environ.get(HOME_VARIABLE) or Path(__file__).resolve().parents[3])
