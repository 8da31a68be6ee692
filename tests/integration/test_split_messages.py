# SPDX-License-Identifier: Apache-2.0
"""Addresses and contents that a split must not change.

What arrives is held against what Postfix makes of the same message without us: the same message
of a sender who has no connector, as the site's smart host got it.
"""

from harness import messages
from harness.split_case import FAR, NEAR, SENDER, STRANGER, SplitCase

LONG_LOCAL = "l" * 64


class Addresses(SplitCase):
    """Recipients and senders in every spelling that SMTP has for them."""

    weight = 15

    # What the client says in RCPT, what arrives, at which smart host.
    RECIPIENTS = [
        ('"a b"@partner.example', '"a b"@partner.example', "Partner"),
        ('"a@b"@partner.example', '"a@b"@partner.example', "Partner"),
        ('"a@far.example"@partner.example', '"a@far.example"@partner.example', "Partner"),
        (r'"a\"b"@partner.example', r'"a\"b"@partner.example', "Partner"),
        (r'"a\\b"@partner.example', r'"a\\b"@partner.example', "Partner"),
        (r'"a\b"@partner.example', "ab@partner.example", "Partner"),
        ('"<a>,(b);"@partner.example', '"<a>,(b);"@partner.example', "Partner"),
        ('"ab"@partner.example', "ab@partner.example", "Partner"),
        ('" "@partner.example', '" "@partner.example', "Partner"),
        ("a+b=c!d#e'f/g@partner.example", "a+b=c!d#e'f/g@partner.example", "Partner"),
        ("User@PARTNER.Example", "User@PARTNER.Example", "Partner"),
        ("u@sub.sub.partner.example", "u@sub.sub.partner.example", "Partner"),
        ("u@notpartner.example", "u@notpartner.example", "Rest"),
        ("u@partner.example.far.example", "u@partner.example.far.example", "Rest"),
        ("u@partner.example.", "u@partner.example", "Partner"),
        ("u@[192.0.2.5]", "u@[192.0.2.5]", "Rest"),
        (f"{LONG_LOCAL}@partner.example", f"{LONG_LOCAL}@partner.example", "Partner"),
        # 254 octets in all, the longest address; a domain of 255, the longest there is.
        *[(address, address, "Partner") for address in (
            f"{LONG_LOCAL}@{('d' * 43 + '.') * 3}{'e' * 41}.partner.example",
            f"u@{('d' * 59 + '.') * 4}partner.example")],
        # Postfix takes the source route off, and the hack apart.
        ("@a.example,@b.example:u@partner.example", "u@partner.example", "Partner"),
        ("@partner.example:u@far.example", "u@far.example", "Rest"),
        ("user%partner.example@local.example", "user@partner.example", "Partner"),
        ("user%far.example@local.example", "user@far.example", "Rest"),
        ("user%far.example@partner.example", "user%far.example@partner.example", "Partner"),
        ("partner.example!user@local.example", "user@partner.example", "Partner"),
    ]

    @classmethod
    def build_world(cls):
        cls.build_split_world("addr", senders=["contoso.example", "ü@contoso.example"],
                              settings={"smtputf8_enable": "yes"}).start()

    def test_recipients(self):
        sent = []
        for said, want, server in self.RECIPIENTS:
            for others in ((), (NEAR, FAR)):
                token, data = self.new_message()
                sent.append((said, {(server, want), *zip(("Partner", "Rest"), others)}, token,
                             self.submit(data, recipients=[said, *others])))
        for said, want, token, queue_id in sent:
            with self.subTest(said, copies=len(want)):
                found = self.arrived(token, len(want))
                self.assertEqual(set(found), want)
                if len(want) > 1:
                    self.assert_went(queue_id, True)
        self.world.postfix.wait_until_queue_empty()

    def test_the_longest_are_the_longest(self):
        lengths = {len(said) for said, _, _ in self.RECIPIENTS}
        self.assertIn(254, lengths)
        self.assertIn(255, {len(said.rpartition("@")[2]) for said, _, _ in self.RECIPIENTS})

    def test_senders(self):
        cases = [
            # in MAIL                          arrives as                      has connectors
            (SENDER,                           SENDER,                         True),
            ("A@CONTOSO.Example",              "A@CONTOSO.Example",            True),
            ('"a b"@contoso.example',          '"a b"@contoso.example',        True),
            (r'"a\"@\\b"@Contoso.example',     r'"a\"@\\b"@Contoso.example',   True),
            (f"{LONG_LOCAL}@contoso.example",  f"{LONG_LOCAL}@contoso.example", True),
            ("a+tag@contoso.example",          "a+tag@contoso.example",        True),
            ("@x.example:a@contoso.example",   "a@contoso.example",            True),
            ("a@contoso.example.",             "a@contoso.example",            True),
            ('"a@contoso.example"@other.example', '"a@contoso.example"@other.example', False),
            ("a%contoso.example@other.example", "a%contoso.example@other.example", False),
        ]
        sent = []
        for said, want, ours in cases:
            token, data = self.new_message()
            sent.append((said, want, ours, token, self.submit(data, said)))
        for said, want, ours, token, queue_id in sent:
            with self.subTest(said):
                found = self.arrived(token, 2 if ours else 1)
                self.assertEqual(set(found), {("Partner", NEAR), ("Rest", FAR)} if ours
                                 else {("site", NEAR), ("site", FAR)})
                self.assertEqual({one.sender for one in found.values()}, {want})
                self.assert_went(queue_id, ours)

    def test_the_null_sender(self):
        token, data = self.new_message("")
        self.submit(data, "")
        found = self.arrived(token)
        self.assertEqual(set(found), {("Notices", NEAR), ("Notices", FAR)})

    def test_smtputf8(self):
        """RFC 6531: addresses and header fields in UTF-8, and the word that says so."""
        cases = [
            # sender              recipient                   its smart host
            (SENDER,              "jürgen@partner.example",   "Partner"),
            ("ü@contoso.example", NEAR,                       "Partner"),
            ("ü@contoso.example", "用户@partner.example",      "Partner"),
            (SENDER,              "u@bücher.example",         "Rest"),
            (SENDER,              "u@bücher.partner.example", "Partner"),
        ]
        sent = []
        for sender, recipient, server in cases:
            for others in ((), (FAR, "x@sub.partner.example")):
                token = messages.new_token()
                data = messages.message(token, sender, recipient,
                                        headers=[("X-Name", "Grüße aus Köln")])
                queue_id = self.submit(data, sender, [recipient, *others],
                                       parameters=["SMTPUTF8", "BODY=8BITMIME"])
                sent.append((sender, {(server, recipient), *zip(("Rest", "Partner"), others)},
                             token, data, queue_id))
        for sender, want, token, data, queue_id in sent:
            with self.subTest(sender, want=want):
                found = self.arrived(token, len(want))
                self.assertEqual(set(found), want)
                for one in found.values():
                    self.assertEqual(one.sender, sender)
                    self.assertIn("SMTPUTF8", one.mail_parameters)
                    self.assertEqual(one.mail_parameters.get("BODY"), "8BITMIME")
                    self.assertEqual(one.untraced, data)

    def test_smtputf8_at_a_smart_host_that_has_it_not(self):
        """It bounces as it does without us, once, and the other recipient gets the message."""
        partner = self.world.smart_hosts["Partner"]
        partner.change(extensions=("PIPELINING", "8BITMIME", "DSN"))
        self.addCleanup(partner.change, extensions=type(partner.behaviour)().extensions)
        token, data = self.new_message()
        self.submit(data, recipients=["jürgen@partner.example", FAR],
                    parameters=["SMTPUTF8", "BODY=8BITMIME"])
        found = self.arrived(token, 2)
        self.assertEqual(set(found), {("Rest", FAR), ("Notices", SENDER)})
        self.assertIn("5.6.7", found["Notices", SENDER].data.decode())


class Contents(SplitCase):
    """Header and body, octet for octet."""

    weight = 12

    HEADER = ("From: <a@contoso.example>\r\nTo: <near@partner.example>\r\nSubject: TOKEN\r\n"
              "Message-ID: <TOKEN@test.example>\r\nDate: Mon, 02 Nov 2026 12:00:00 +0000\r\n")
    MULTIPART = ("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=b\"\r\n\r\n"
                 "preamble\r\n--=b\r\nContent-Type: text/plain; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n\r\n--=b\r\n"
                 "Content-Type: message/rfc822\r\n\r\nX-Sendconnector-Identity: inner\r\n"
                 "Subject: inner\r\n\r\ninner\r\n--=b\r\nContent-Type: application/x\r\n"
                 "Content-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--=b--\r\nepilogue\r\n")
    TEXT_8BIT = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" \
                "Content-Transfer-Encoding: 8bit\r\n"
    MESSAGES = {
        "plain": "\r\nA test message.\r\n",
        "8 bits": f"{TEXT_8BIT}\r\nGrüße\r\n",
        "8 bits that no charset explains": b"\r\n\xff\xfe\x80\x81\r\n",
        "multipart": MULTIPART,
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

    @classmethod
    def build_world(cls):
        cls.build_split_world("body").start()

    def data(self, token, text):
        text = text if isinstance(text, bytes) else text.encode()
        return self.HEADER.replace("TOKEN", token).encode() + text

    def assert_as_without_us(self, sent):
        """`sent`: (what, one token for each way, the site's first)."""
        for what, tokens in sent:
            plain = self.arrived(tokens["site"])["site", NEAR]
            for way, token in tokens.items():
                with self.subTest(what, way=way):
                    recipients = self.WAYS.get(way, (NEAR,))
                    found = self.arrived(token, len(recipients))
                    self.assertEqual({to for _, to in found}, set(recipients))
                    for one in found.values():
                        self.assertEqual(one.untraced.replace(token.encode(), b"TOKEN"),
                                         plain.untraced.replace(tokens["site"].encode(), b"TOKEN"))
                        self.assertEqual(one.mail_parameters.get("BODY"),
                                         plain.mail_parameters.get("BODY"))

    def post(self, submit):
        """Each message three times: as a stranger's, to one connector, and split."""
        sent = []
        for what, text in self.MESSAGES.items():
            tokens = {}
            for way, recipients in {"site": (NEAR,), **self.WAYS}.items():
                tokens[way] = messages.new_token()
                submit(self.data(tokens[way], text), STRANGER if way == "site" else SENDER,
                       recipients)
            sent.append((what, tokens))
        self.assert_as_without_us(sent)

    def test_by_smtp(self):
        self.post(self.submit)

    def test_by_smtp_with_8bitmime(self):
        self.post(lambda *message: self.submit(*message, parameters=["BODY=8BITMIME"]))

    def test_by_bdat_without_a_line_end_at_the_end(self):
        self.post(lambda data, *envelope: self.submit(data[:-1], *envelope, chunked=True))
        self.post(lambda data, *envelope: self.submit(data[:-2], *envelope, chunked=True))

    def test_by_sendmail(self):
        postfix = self.world.postfix
        for end in (None, -2):
            self.post(lambda data, sender, recipients: postfix.sendmail(
                sender, list(recipients), data[:end].replace(b"\r\n", b"\n")))

    def test_to_smart_hosts_of_7_bits(self):
        for host in self.world.smart_hosts.values():
            host.stop()  # and no session of another test goes on
            host.change(extensions=("PIPELINING", "DSN"))
            host.start()
            self.addCleanup(host.start)
            self.addCleanup(host.change, extensions=type(host.behaviour)().extensions)
            self.addCleanup(host.stop)
        self.post(lambda *message: self.submit(*message, parameters=["BODY=8BITMIME"]))

    def test_what_is_known_to_arrive(self):
        """The comparisons above hold messages against Postfix; these against what was sent."""
        for what in ("plain", "8 bits", "multipart", "a line of 998 octets", "dots", "an empty body",
                     "a body of empty lines", "200 kB"):
            with self.subTest(what):
                token = messages.new_token()
                data = self.data(token, self.MESSAGES[what])
                self.submit(data)
                for one in self.arrived(token, 2).values():
                    self.assertEqual(one.untraced, data)


class RecipientsOfALogin(Addresses):
    """The same recipients where the login decides."""

    login = SENDER
    test_senders = None
    test_the_null_sender = None
    test_smtputf8 = None
    test_smtputf8_at_a_smart_host_that_has_it_not = None


class ContentsOfALogin(Contents):
    """The same contents where the login decides, which travels in a field of ours."""

    login = SENDER
    test_by_sendmail = None
