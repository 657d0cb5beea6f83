"""The few system packages that Python can't bring: Pango for the PDF; Chromium and PDF tools for the tests.

As root on Debian they are installed; otherwise a message gives the command to type.
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable

# Required library → Debian package that provides it.
LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
# Browsers for the end-to-end tests, in order of preference: the headless one is smaller and faster.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
TEST_PROGRAMS = {
    BROWSERS: "chromium-headless-shell",
    ("pdftotext",): "poppler-utils",
    ("qpdf",): "qpdf",
    ("openssl",): "openssl",
}


def missing(*, for_tests: bool) -> list[str]:
    packages = [package for library, package in LIBRARIES.items() if ctypes.util.find_library(library) is None]
    if for_tests:
        for names, package in TEST_PROGRAMS.items():
            chromium = os.environ.get("CHROMIUM") if names is BROWSERS else None
            if not chromium and not any(shutil.which(name) for name in names):
                packages.append(package)
    return packages


def _apt(*arguments: str) -> bool:
    command = ["apt-get", *arguments]
    return subprocess.run(command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, check=False).returncode == 0  # noqa: S603


def apt_line(packages: Iterable[str]) -> str:
    return f"sudo apt-get install --yes {' '.join(packages)}"


def ensure(*, for_tests: bool = False) -> bool:
    """Install missing packages if allowed; return whether all are present, else print the command to type."""
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
