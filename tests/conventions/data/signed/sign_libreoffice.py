"""Signs a PDF with LibreOffice, without its window: what « Fichier > Signatures numériques » does to an open PDF.

Arguments: the file, which is signed in place, and the port where soffice listens. Run by the Python of Debian.
"""

import contextlib
import sys
import time
from typing import Any

import uno

path, port = sys.argv[1:3]
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
context: Any = None
for _ in range(120):
    with contextlib.suppress(Exception):  # it has not started yet
        context = resolver.resolve(f"uno:socket,host=localhost,port={port};urp;StarOffice.ComponentContext")
        break
    time.sleep(0.5)


def service(name: str) -> Any:
    return context.ServiceManager.createInstanceWithContext(name, context)


security = service("com.sun.star.xml.crypto.SEInitializer").createSecurityContext("")
(certificate,) = security.getSecurityEnvironment().getPersonalCertificates()
stream = service("com.sun.star.ucb.SimpleFileAccess").openFileReadWrite(uno.systemPathToFileUrl(path))
done = service("com.sun.star.security.DocumentDigitalSignatures").signDocumentWithCertificate(certificate, None, stream)
stream.getOutputStream().closeOutput()
with contextlib.suppress(Exception):  # it closes the line
    service("com.sun.star.frame.Desktop").terminate()
sys.exit(0 if done else "LibreOffice did not sign")
