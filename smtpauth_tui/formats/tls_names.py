"""TLS versions as OpenSSL names them in the logs of Postfix and Sendmail."""

from typing import Final

from smtpauth_tui.model import TlsVersion

VERSIONS: Final = {
    "SSLv2": TlsVersion.SSL3,
    "SSLv3": TlsVersion.SSL3,
    "TLSv1": TlsVersion.V1_0,
    "TLSv1.0": TlsVersion.V1_0,
    "TLSv1.1": TlsVersion.V1_1,
    "TLSv1.2": TlsVersion.V1_2,
    "TLSv1.3": TlsVersion.V1_3,
}
