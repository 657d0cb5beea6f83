#!/bin/sh
# Makes `compte-rendu.xlsx` again: the workbook of a report, as LibreOffice saves it. Debian package: libreoffice-calc.
# Usage, from the root of the project: sh tests/reporting/data/make.sh
set -eu
here=tests/reporting/data
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The test writes there the workbook that it exports, then fails on the file of LibreOffice if that one is older.
REPORT_WORKBOOK="$work/compte-rendu.xlsx" .venv/bin/pytest -q -n 0 tests/reporting/test_spreadsheet_libreoffice.py || true
soffice "-env:UserInstallation=file://$work/lo" --headless --norestore --convert-to xlsx --outdir "$here" \
  "$work/compte-rendu.xlsx"
