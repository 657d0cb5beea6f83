#!/bin/sh
# Makes the files of this folder again: `document.pdf`, and what each tool adds to it when it signs (`*.added`).
# Debian packages: poppler-utils libnss3-tools mupdf-tools libpdfbox2-java libitext5-java libbcprov-java libbcpkix-java
# default-jdk-headless libreoffice-draw-nogui python3-uno. PyPI, in an environment apart: endesive==2.17.3, whose Python
# is named by ENDESIVE (by default python3).
# The keys are made anew, for tests only; `root*.pem` are the authorities that the tests trust.
# Usage, from the root of the project: sh tests/conventions/data/signed/make.sh
set -eu
here=tests/conventions/data/signed
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DJANGO_SETTINGS_MODULE=cpo.settings.dev .venv/bin/python -m tests.signing_tools "$here" "$work"
# An authority file without its root: MuPDF takes the first certificate.
openssl pkcs12 -export -in "$work/person.pem" -inkey "$work/key.pem" -passout pass:essai -name cachet -out "$work/alone.p12"
openssl pkcs12 -export -legacy -in "$work/person.pem" -inkey "$work/key.pem" -certfile "$here/root.pem" -passout pass:essai \
  -name cachet -out "$work/old.p12"
mkdir "$work/nss"
certutil -N -d "sql:$work/nss" --empty-password
pk12util -i "$work/old.p12" -d "sql:$work/nss" -W essai -K ""
certutil -A -d "sql:$work/nss" -n racine -t "CT,C,C" -i "$here/root.pem"

# pdfsig says that NSS could not shut down; the file is whole all the same.
pdfsig -nssdir "$work/nss" -sign signature-1 -nick cachet "$here/document.pdf" "$work/pdfsig.pdf" || true
mutool sign -s "$work/alone.p12" -P essai -o "$work/mutool.pdf" "$here/document.pdf" "$(cat "$work/field")"
jars=/usr/share/java
path="$jars/pdfbox2.jar:$jars/fontbox2.jar:$jars/commons-logging.jar:$jars/bcprov.jar:$jars/bcpkix.jar:$jars/bcutil.jar"
javac -cp "$path" -d "$work" "$here/Sign.java"
java -cp "$path:$work" Sign "$here/document.pdf" "$work/pdfbox.pdf" "$work/person.p12"
java -cp "$path:$work" Sign "$here/document.pdf" "$work/pdfbox-field.pdf" "$work/person.p12" signature-1
path="$jars/itext5.jar:$jars/bcprov.jar:$jars/bcpkix.jar:$jars/bcutil.jar"
javac -cp "$path" -d "$work" "$here/SignIText.java"
java -cp "$path:$work" SignIText "$here/document.pdf" "$work/itext.pdf" "$work/person.p12"
java -cp "$path:$work" SignIText "$here/document.pdf" "$work/itext-field.pdf" "$work/person.p12" signature-1

"${ENDESIVE:-python3}" "$here/sign_endesive.py" "$here/document.pdf" "$work/endesive.pdf" "$work/old.p12"

# pyHanko, of this project, signs with keys of its own: this line alone makes its files again.
.venv/bin/python "$here/sign_pyhanko.py" "$here/document.pdf" "$work/pyhanko-field.pdf" "$work/pyhanko.pdf" "$here/root-pyhanko.pem"

# LibreOffice signs in a field of its own; the library of Python may fail as it leaves, once the file is signed.
cp "$here/document.pdf" "$work/libreoffice.pdf"
MOZILLA_CERTIFICATE_FOLDER="sql:$work/nss" soffice "-env:UserInstallation=file://$work/lo" --headless --norestore \
  --accept="socket,host=localhost,port=8213;urp" &
/usr/bin/python3 "$here/sign_libreoffice.py" "$work/libreoffice.pdf" 8213 || true
wait

size=$(wc -c < "$here/document.pdf")
for tool in pdfsig mutool pdfbox pdfbox-field itext itext-field endesive libreoffice pyhanko pyhanko-field; do
  tail -c +$((size + 1)) "$work/$tool.pdf" > "$here/$tool.added"
done
