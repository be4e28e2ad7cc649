"""Echo: header fields of a mail that providers give back in their events, with the Message-ID, so that an event names its mail."""

from collections.abc import Mapping

NAME = "digest"  #: of the value in the events of Postmark and SendGrid
BREVO = "X-Mailin-custom"
#: By provider; the others name the Message-ID or the envelope's sender by themselves.
FIELDS: Mapping[str, str] = {
    "brevo": f"{BREVO}: %s",
    "postmark": f"X-PM-Metadata-{NAME}: %s",
    "sendgrid": f'X-SMTPAPI: {{"unique_args":{{"{NAME}":"%s"}}}}',
}
