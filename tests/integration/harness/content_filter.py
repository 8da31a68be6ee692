# SPDX-License-Identifier: Apache-2.0
"""An after-queue content filter that finds nothing (FILTER_README, advanced content filter).

Takes mail from Postfix, hands it to Postfix's second smtpd(8) and answers what that answers; so
every message passes the milter twice. It comes recipient by recipient, for SMTP has one answer
only at the end of a message.
"""

from . import smtp_client
from .smart_host import SmartHost

_SERVICE = "scan"


class ContentFilter(SmartHost):
    """`back`: (address, port) of the second smtpd(8)."""

    def __init__(self, address, back):
        super().__init__("filter", address)
        self._back = back

    def settings(self):
        """For main.cf."""
        return {"content_filter": f"{_SERVICE}:{self.next_hop}",
                f"{_SERVICE}_destination_recipient_limit": "1"}

    def services(self, chroot):
        """For master.cf, as sendconnectord(8) says under CONTENT FILTERS."""
        address, port = self._back
        jail = "y" if chroot else "n"
        return (f"{_SERVICE} unix - - {jail} - 10 smtp\n"
                f"  -o disable_mime_output_conversion=yes -o syslog_name=postfix/{_SERVICE}\n"
                f"{address}:{port} inet n - {jail} - - smtpd\n"
                "  -o content_filter= -o milter_macro_daemon_name=sc-reinject\n"
                "  -o { smtpd_milters = "
                "{ unix:sendconnector/milter, default_action=tempfail } }\n"
                "  -o receive_override_options=no_unknown_recipient_checks,"
                "no_header_body_checks,no_address_mappings\n")

    def _keep(self, message):
        """Remember it like any smart host, and hand it back."""
        super()._keep(message)
        try:
            result = smtp_client.submit(*self._back, message.sender, list(message.recipients),
                                        message.data)
        except OSError as error:
            return f"451 4.3.0 {error}"
        return None if result.accepted else str(result.refusal or "451 4.3.0 no answer")
