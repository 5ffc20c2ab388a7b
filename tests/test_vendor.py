"""The files of others that we serve are the released ones, byte for byte."""

import hashlib
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[1] / "paidsupport/static/paidsupport/vendor"
TABLE_ROW = re.compile(r"^\| `(.+?)` \| `.+?` \| (.+?) \| `(\w{64})` \|$", re.MULTILINE)
DOCUMENTED = TABLE_ROW.findall((VENDOR / "README.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "version", "sha256"), DOCUMENTED)
def test_a_vendored_file_is_the_documented_release(name: str, version: str, sha256: str) -> None:
    """Sum and version of the file are those that the table beside it gives."""
    content = (VENDOR / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == sha256
    assert f'version="{version}"'.encode() in content


def test_every_vendored_script_is_documented_and_licensed() -> None:
    """No script is served without a line in the table and the licence it came with."""
    scripts = {path.name for path in VENDOR.glob("*.js")}
    assert scripts == {name for name, _, _ in DOCUMENTED}
    assert all((VENDOR / f"{name.split('.')[0]}.LICENSE").is_file() for name in scripts)
