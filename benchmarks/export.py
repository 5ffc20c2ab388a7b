"""What an export of everything costs: seconds, and the most memory that its process ever had.

python -m benchmarks.export URL FOLDER    exports a database, migrated and filled by seed_ours, into FOLDER
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path


def measure(url: str, folder: Path) -> dict[str, float]:
    """Export into a new zip in `folder`, in a process of its own."""
    target = folder / "desk.zip"
    environment = os.environ | {
        "FLASK_SQLALCHEMY_DATABASE_URI": url,
        "FLASK_SECRET_KEY": "benchmark",
        "FLASK_PAIDSUPPORT_FILES": str(folder / "files"),
        "FLASK_PAIDSUPPORT_RELAXED_DURABILITY": "true",
    }
    command = [sys.executable, "-m", "flask", "--app", "paidsupport.site", "paidsupport"]
    began = time.monotonic()
    subprocess.run([*command, "export", "all", str(target)], env=environment, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(time.monotonic() - began, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(used.ru_maxrss / 1024, 1),
        "zip_mb": round(target.stat().st_size / 1_000_000, 1),
    }


if __name__ == "__main__":
    for name, figure in measure(sys.argv[1], Path(sys.argv[2])).items():
        print(f"{name}: {figure}")
