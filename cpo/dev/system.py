"""The few system packages that Python can't bring: Pango for the PDF; Chromium and PDF tools for the tests.

As root on Debian they are installed; otherwise one line says what to type.
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable

# What must be there → the Debian package that brings it.
LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
# The browsers that the journeys take, best first: without windows it is smaller and quicker.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
TEST_PROGRAMS = {
    BROWSERS: "chromium-headless-shell",
    ("pdftotext",): "poppler-utils",
    ("qpdf",): "qpdf",
}


def missing(*, for_tests: bool) -> list[str]:
    packages = [package for library, package in LIBRARIES.items() if ctypes.util.find_library(library) is None]
    if for_tests:
        for names, package in TEST_PROGRAMS.items():
            given = os.environ.get("CHROMIUM") if names is BROWSERS else None
            if not given and not any(shutil.which(name) for name in names):
                packages.append(package)
    return packages


def _apt(*arguments: str) -> bool:
    command = ["apt-get", *arguments]
    return subprocess.run(command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, check=False).returncode == 0  # noqa: S603


def apt_line(packages: Iterable[str]) -> str:
    return f"sudo apt-get install --yes {' '.join(packages)}"


def ensure(*, for_tests: bool = False) -> bool:
    """Whether all is there, installed if we may. Otherwise the line to type has been printed."""
    packages = missing(for_tests=for_tests)
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installation des paquets système : {' '.join(packages)}")
        quiet = ("install", "--yes", "--quiet", "--no-install-recommends", *packages)
        if not _apt(*quiet):
            _apt("update", "--quiet")
            _apt(*quiet)
        packages = missing(for_tests=for_tests)
    if packages:
        say(f"Il manque des paquets système. Tapez : {apt_line(packages)}")
    return not packages


def say(message: str) -> None:
    sys.stdout.write(message + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(0 if ensure(for_tests="test" in sys.argv[1:]) else 1)
