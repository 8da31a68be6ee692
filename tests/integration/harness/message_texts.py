# SPDX-License-Identifier: Apache-2.0
"""Messages that could be spoilt on their way: what follows the first header fields of each."""

_HEADER = ("From: <a@contoso.example>\r\nTo: <near@partner.example>\r\nSubject: TOKEN\r\n"
          "Message-ID: <TOKEN@test.example>\r\nDate: Mon, 02 Nov 2026 12:00:00 +0000\r\n")
_MULTIPART = ("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=b\"\r\n\r\n"
             "preamble\r\n--=b\r\nContent-Type: text/plain; charset=utf-8\r\n"
             "Content-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n\r\n--=b\r\n"
             "Content-Type: message/rfc822\r\n\r\nX-Sendconnector-Identity: inner\r\n"
             "Subject: inner\r\n\r\ninner\r\n--=b\r\nContent-Type: application/x\r\n"
             "Content-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--=b--\r\nepilogue\r\n")
_TEXT_8BIT = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" \
            "Content-Transfer-Encoding: 8bit\r\n"
TEXTS = {
    "plain": "\r\nA test message.\r\n",
    "8 bits": f"{_TEXT_8BIT}\r\nGrüße\r\n",
    "8 bits that no charset explains": b"\r\n\xff\xfe\x80\x81\r\n",
    "multipart": _MULTIPART,
    "bare line feeds": "\r\none\ntwo\n\nthree\r\n",
    "bare carriage returns": "\r\none\rtwo\r\r\nthree\r\n",
    "a line of 998 octets": f"\r\n{'x' * 998}\r\nend\r\n",
    "a line of 5,000 octets": f"\r\n{'x' * 5000}\r\nend\r\n",
    "a header line of 5,000 octets": f"X-Long: {'y' * 5000}\r\n\r\ntext\r\n",
    "many folds": "X-Folded: a\r\n" + "\tb\r\n c\r\n" * 300 + "\r\ntext\r\n",
    "dots": "\r\n.\r\n..\r\n.a\r\n...b\r\n \r\n.\r\n",
    "dots behind a bare line feed": "\r\na\n.b\n..c\r\n",
    "white space at line ends": "X-Space:  a \t\r\nX-Empty:\r\n\r\na \t\r\n\t\r\n \r\n\r\n",
    "no body": "",
    "an empty body": "\r\n",
    "a body of empty lines": "\r\n\r\n\r\n\r\n",
    "NUL and control characters": b"\r\na\x00b\x01\x1a\x7f\r\n",
    "odd fields": "X-: a\r\nx-A: b\r\nX-a: c\r\nx-A : d\r\n"
                  "Resent-From: <x@y>\r\nResent-Date: x\r\nResent-Message-ID: y\r\n\r\nt\r\n",
    "a line that is no field": "X-A: b\r\nno field\r\nX-B: c\r\n\r\ntext\r\n",
    "200 kB": "\r\n" + f"{'z' * 76}\r\n" * 2560,
}


def message(token, what):
    """One of TEXTS with its header, as bytes; `token` is in the subject."""
    text = TEXTS[what]
    text = text if isinstance(text, bytes) else text.encode()
    return _HEADER.replace("TOKEN", token).encode() + text
